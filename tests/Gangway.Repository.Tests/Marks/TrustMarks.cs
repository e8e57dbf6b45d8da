// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Whoever reads what a peer wrote says what is checked, and that the copy is used: <c>TRUST:</c>.</summary>
public static partial class TrustMarks
{
    /// <summary>Shipped files that copy bytes in, or decode them, have no mark and are not listed.</summary>
    /// <param name="files">C# files of what we ship.</param>
    /// <param name="allowed">Files whose bytes no peer wrote.</param>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files, AllowList allowed) => allowed.Compare(
        files
            .Where(static file => !file.Comments.Contains("TRUST:", StringComparison.Ordinal) && file.InCode(PeerRead()).Any())
            .Select(static file => file.Path),
        "decodes bytes and has no TRUST: mark");

    [GeneratedRegex(@"\bCopyIn\b|\bBinaryPrimitives\.(TryRead|Read)\w+|\bMemoryMarshal\.(TryRead|Read|AsRef)\b|\b_?[pP]eer\.(Word32|Word64|Bytes)\b")]
    private static partial Regex PeerRead();
}
