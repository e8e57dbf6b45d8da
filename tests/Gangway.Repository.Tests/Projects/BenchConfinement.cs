// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Projects;

/// <summary>Benchmarks and samples use what a user can use; only the floors of <c>benchmarks/**/Floors</c> go below.</summary>
public static partial class BenchConfinement
{
    /// <summary>Shipped projects that let a benchmark or sample see their internal types.</summary>
    public static IEnumerable<string> FindFriends(IReadOnlyList<ProjectFile> projects)
    {
        var outside = projects.Where(static project => IsOutside(project.Path)).Select(static project => project.Name).ToHashSet();
        return projects.SelectMany(project => project.Friends
            .Where(friend => outside.Contains(friend.Split(',')[0]))
            .Select(friend => $"{project.Path}: lets {friend} see internal types"));
    }

    /// <summary>Benchmarks and samples that refer to a room below the public one.</summary>
    public static IEnumerable<string> FindReferences(IEnumerable<ProjectFile> projects) => projects
        .Where(static project => IsOutside(project.Path))
        .SelectMany(static project => project.Projects
            .Where(static name => name is "Gangway.Platform" or "Gangway.SharedMemory")
            .Select(name => $"{project.Path}: refers to {name}"));

    /// <summary>Files that call the system, are unsafe, or reach for internals, and are no floor.</summary>
    public static IEnumerable<string> FindFiles(IEnumerable<SourceFile> files) => files
        .Where(static file => IsOutside(file.Path))
        .SelectMany(static file => file.InCode(Reach())
            .Where(_ => !IsFloor(file.Path))
            .Concat(file.InCode(Backdoor())))
        .Select(static found => $"{found.Place}: '{found.Match.Value}' is not what a user would write");

    private static bool IsOutside(string path) =>
        path.StartsWith("benchmarks/", StringComparison.Ordinal) || path.StartsWith("samples/", StringComparison.Ordinal);

    private static bool IsFloor(string path) =>
        path.StartsWith("benchmarks/", StringComparison.Ordinal) && path.Contains("/Floors/", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(unsafe|DllImport|LibraryImport|MemoryMarshal|NativeMemory|NativeLibrary)\b")]
    private static partial Regex Reach();

    [GeneratedRegex(@"\b(UnsafeAccessor|IgnoresAccessChecksTo|NonPublic)\b")]
    private static partial Regex Backdoor();
}
