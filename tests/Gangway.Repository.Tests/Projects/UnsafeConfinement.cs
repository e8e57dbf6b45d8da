// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Projects;

/// <summary>Unsafe code, and the calls that are unsafe without saying so, stay in their rooms.</summary>
public static partial class UnsafeConfinement
{
    private static readonly string[] s_projects = ["src/Gangway.Platform/", "src/Gangway.SharedMemory/", "src/Gangway.Rdma/"];
    private static readonly string[] s_folders = ["src/Gangway.Platform/", "src/Gangway.SharedMemory/", "src/Gangway.Rdma/Interop/"];

    /// <summary>Whether a file of what we ship may be unsafe.</summary>
    public static bool Allows(string path) => s_folders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>Shipped projects that switch unsafe code on and may not.</summary>
    public static IEnumerable<string> FindProjects(IEnumerable<ProjectFile> projects) => projects
        .Where(static project => project.AllowsUnsafe && project.Path.StartsWith("src/", StringComparison.Ordinal))
        .Where(static project => !s_projects.Any(folder => project.Path.StartsWith(folder, StringComparison.Ordinal)))
        .Select(static project => $"{project.Path}: AllowUnsafeBlocks outside its rooms");

    /// <summary>Shipped files that say <c>unsafe</c> and may not.</summary>
    public static IEnumerable<string> FindFiles(IEnumerable<SourceFile> files) => files
        .Where(static file => file.IsIn("src") && !Allows(file.Path))
        .SelectMany(static file => file.InCode(Unsafe()))
        .Select(static found => $"{found.Place}: 'unsafe' outside its rooms");

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex Unsafe();
}
