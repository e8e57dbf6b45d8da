// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Whoever forms or follows a pointer says why it is in bounds and alive: <c>SAFETY:</c>.</summary>
public static partial class SafetyMarks
{
    /// <summary>Shipped files that form or follow pointers and have no mark.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files
        .Where(static file => !file.Comments.Contains("SAFETY:", StringComparison.Ordinal))
        .Select(static file => file.InCode(Pointer()).FirstOrDefault())
        .Where(static found => found.Match is not null)
        .Select(static found => $"{found.Place}: '{found.Match.Value.Trim()}' and no SAFETY: in the file");

    // A dereference, a cast to a pointer, an address, a pointer taken from a handle, and the calls that trust their caller.
    [GeneratedRegex(@"->|\(\s*\w+\s*\*+\s*\)|[=(,]\s*\*\s*\(?\w|\bfixed\s*\(|[=(,]\s*&\s*\w|\bAcquirePointer\b|(?<![\w.])Unsafe\.\w+|\bMemoryMarshal\.(CreateSpan|CreateReadOnlySpan|GetReference)\b|\bNativeMemory\b")]
    private static partial Regex Pointer();
}
