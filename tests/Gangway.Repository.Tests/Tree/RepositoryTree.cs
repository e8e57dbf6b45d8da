// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Tree;

/// <summary>The working tree that these tests were built from.</summary>
public static class RepositoryTree
{
    private static readonly string[] s_generated = ["bin", "obj", ".git", "artifacts", "TestResults", ".vs", "node_modules"];

    /// <summary>The folder that holds <c>Gangway.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All files below the root with one of some extensions, in order of their paths.</summary>
    public static IReadOnlyList<SourceFile> Files(params string[] extensions) =>
        [.. Walk(Root)
            .Where(path => extensions.Contains(Path.GetExtension(path)))
            .Select(static path => new SourceFile(Relative(path), File.ReadAllText(path)))
            .OrderBy(static file => file.Path, StringComparer.Ordinal)];

    /// <summary>The files of some top folders with one of some extensions.</summary>
    public static IReadOnlyList<SourceFile> Files(string[] folders, params string[] extensions) =>
        [.. Files(extensions).Where(file => folders.Any(file.IsIn))];

    /// <summary>C# files of what we ship.</summary>
    public static IReadOnlyList<SourceFile> Source => Files(["src"], ".cs");

    /// <summary>C# files of the tests.</summary>
    public static IReadOnlyList<SourceFile> Tests => Files(["tests"], ".cs");

    /// <summary>All folders, from the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Folders =>
        [.. WalkFolders(Root).Select(Relative).Order(StringComparer.Ordinal)];

    /// <summary>One file, which must be there.</summary>
    public static SourceFile Read(string path) => new(path, File.ReadAllText(Path.Combine(Root, path)));

    /// <summary>Whether a file or folder is there.</summary>
    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IEnumerable<string> Walk(string folder) =>
        WalkFolders(folder).Prepend(folder).SelectMany(System.IO.Directory.EnumerateFiles);

    private static IEnumerable<string> WalkFolders(string folder) =>
        System.IO.Directory.EnumerateDirectories(folder)
            .Where(static child => !s_generated.Contains(Path.GetFileName(child)))
            .SelectMany(static child => WalkFolders(child).Prepend(child));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gangway.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Gangway.slnx stands in no folder above the tests.");
    }
}
