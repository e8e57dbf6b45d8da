// SPDX-License-Identifier: MIT

using System.Xml.Linq;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Projects;

/// <summary>What these tests want to know of a project file.</summary>
public sealed class ProjectFile
{
    private readonly XDocument _document;
    private readonly string _folder;

    /// <param name="file">A <c>.csproj</c> file.</param>
    public ProjectFile(SourceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Path = file.Path;
        _folder = System.IO.Path.GetDirectoryName(file.Path) ?? "";
        _document = XDocument.Parse(file.Text);
    }

    /// <summary>From the root of the repository.</summary>
    public string Path { get; }

    /// <summary>The assembly's name.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Names of the projects that it refers to.</summary>
    public IReadOnlyList<string> Projects => Includes("ProjectReference", static path => System.IO.Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    /// <summary>Names of the packages that it refers to.</summary>
    public IReadOnlyList<string> Packages => Includes("PackageReference", static name => name);

    /// <summary>Names of the assemblies that see its internal types.</summary>
    public IReadOnlyList<string> Friends => Includes("InternalsVisibleTo", static name => name);

    /// <summary>Whether it allows unsafe code, in any configuration.</summary>
    public bool AllowsUnsafe => _document.Descendants("AllowUnsafeBlocks").Any(static element => element.Value.Trim() != "false");

    /// <summary>Paths of the projects that it refers to, from the root.</summary>
    public IEnumerable<string> ProjectPaths => Includes("ProjectReference", path =>
        System.IO.Path.GetRelativePath("/", System.IO.Path.GetFullPath(System.IO.Path.Combine("/", _folder, path.Replace('\\', '/')))));

    /// <summary>All projects of the tree.</summary>
    public static IReadOnlyList<ProjectFile> All => [.. RepositoryTree.Files(".csproj").Select(static file => new ProjectFile(file))];

    private List<string> Includes(string element, Func<string, string> name) =>
        [.. _document.Descendants(element)
            .Select(static item => (string?)item.Attribute("Include"))
            .OfType<string>()
            .Select(name)
            .Order(StringComparer.Ordinal)];
}
