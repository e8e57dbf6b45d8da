// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Whoever reads what a peer wrote says what is checked, and that the copy is used: <c>TRUST:</c>.</summary>
public static partial class TrustMarks
{
    /// <summary>Shipped files that copy bytes in from shared memory, or decode a datagram, and have no mark.</summary>
    /// <remarks><c>ProcessMemory</c> and <c>IMemory</c> are the instruments of copying, not the readers.</remarks>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files
        .Where(static file => !file.Path.StartsWith("src/Gangway.SharedMemory/Ordering/", StringComparison.Ordinal))
        .Where(static file => !file.Comments.Contains("TRUST:", StringComparison.Ordinal))
        .Select(static file => file.InCode(PeerRead()).FirstOrDefault())
        .Where(static found => found.Match is not null)
        .Select(static found => $"{found.Place}: '{found.Match.Value}' and no TRUST: in the file");

    [GeneratedRegex(@"\bCopyIn\b|\bBinaryPrimitives\.(TryRead|Read)\w+|\bMemoryMarshal\.(TryRead|Read|AsRef)\b")]
    private static partial Regex PeerRead();
}
