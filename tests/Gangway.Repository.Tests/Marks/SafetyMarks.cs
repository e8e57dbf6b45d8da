// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Whoever forms or follows a pointer says why it is in bounds and alive: <c>SAFETY:</c>.</summary>
public static partial class SafetyMarks
{
    /// <summary>A mark speaks for the lines below it, about one method.</summary>
    private const int ReachLines = 16;

    /// <summary>Places that form or follow a pointer and have no mark above them, files that take one and have none.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files)
    {
        foreach (SourceFile file in files)
        {
            int[] marks = [.. Mark().Matches(file.Comments).Select(mark => CSharpText.LineOf(file.Comments, mark.Index))];
            foreach ((string place, Match match) in file.InCode(Pointer()))
            {
                int line = CSharpText.LineOf(file.Code, match.Index);
                if (!marks.Any(mark => mark <= line && line - mark <= ReachLines))
                {
                    yield return $"{place}: '{match.Value.Trim()}' and no SAFETY: in the {ReachLines} lines above";
                }
            }

            if (marks.Length == 0 && file.InCode(Taken()).Any())
            {
                yield return $"{file.Path}: takes a pointer from a handle and has no SAFETY:";
            }
        }
    }

    // A dereference, a cast to a pointer, an address, and the calls that trust their caller.
    [GeneratedRegex(@"->|\(\s*\w+\s*\*+\s*\)|(?:[=(,]|\breturn|\bref)\s*\*\s*\(?\w|\bfixed\s*\(|[=(,]\s*&\s*\w|(?<![\w.])Unsafe\.\w+|\bMemoryMarshal\.(CreateSpan|CreateReadOnlySpan|GetReference)\b|\bNativeMemory\b")]
    private static partial Regex Pointer();

    [GeneratedRegex(@"\bAcquirePointer\b|\bDangerousGetHandle\b")]
    private static partial Regex Taken();

    [GeneratedRegex(@"\bSAFETY:")]
    private static partial Regex Mark();
}
