// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Each type that two threads or two domains share says who writes what, and where the proof is: <c>Design:</c>.</summary>
public static partial class DesignMarks
{
    /// <summary>Classes and mutable structs of the concurrent rooms without a mark in their file.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files
        .Where(static file => Room().IsMatch(file.Path))
        .Where(static file => file.Types.Any(IsConcurrent) && !file.Comments.Contains("Design:", StringComparison.Ordinal))
        .Select(static file => $"{file.Path}: {file.Types.First(IsConcurrent).Name} has no Design: comment");

    // Enumerations, interfaces, constants and values that never change share nothing.
    private static bool IsConcurrent(TypeDeclaration type) =>
        type.Kind is "class" or "struct" && !type.IsFileLocal && !type.Has("readonly") && !type.Has("static");

    [GeneratedRegex(@"^src/Gangway\.SharedMemory/(Rings|Replies|Segments|Lanes|Pools)/|^src/Gangway/Dispatch/Baton")]
    private static partial Regex Room();
}
