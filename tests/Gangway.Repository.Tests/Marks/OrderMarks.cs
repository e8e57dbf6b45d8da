// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>
/// Each ordered step has a name: a member of <c>Order</c>, used in the code, and argued in a row of the
/// document that the member's summary names. <c>ORDER(tag):</c> comments use the same names.
/// </summary>
public static partial class OrderMarks
{
    private const string Declaration = "src/Gangway.SharedMemory/Ordering/Order.cs";
    private const string Documents = "docs/memory-ordering/";

    /// <summary>Members without a use or a row, and comments with an unknown tag.</summary>
    /// <param name="files">C# files of what we ship, and the documents.</param>
    public static IEnumerable<string> Find(IReadOnlyList<SourceFile> files)
    {
        SourceFile declaration = files.Single(static file => file.Path == Declaration);
        SourceFile[] code = [.. files.Where(static file => file.IsIn("src") && file.Path != Declaration)];
        string[] names = [.. Member().Matches(declaration.Text).Select(static match => match.Groups["name"].Value)];
        foreach (Match member in Member().Matches(declaration.Text))
        {
            string name = member.Groups["name"].Value;
            string path = Documents + member.Groups["document"].Value;
            SourceFile? document = files.FirstOrDefault(file => file.Path == path);
            if (document is null)
            {
                yield return $"Order.{name}: {path} is not there";
            }
            else if (!HasRow(document, name))
            {
                yield return $"Order.{name}: {path} has no row for it";
            }

            if (!code.Any(file => Regex.IsMatch(file.Code, $@"\bOrder\.{name}\b")))
            {
                yield return $"Order.{name}: no code takes this step";
            }
        }

        foreach (string undocumented in EnumMember().Matches(declaration.Code[declaration.Code.IndexOf('{', StringComparison.Ordinal)..])
            .Select(static match => match.Groups["name"].Value).Except(names))
        {
            yield return $"Order.{undocumented}: its summary names no document";
        }

        foreach (SourceFile file in code)
        {
            foreach (Match tag in Tag().Matches(file.Comments).Where(tag => !names.Contains(tag.Groups["name"].Value)))
            {
                yield return $"{file.Path}:{CSharpText.LineOf(file.Comments, tag.Index)}: ORDER({tag.Groups["name"].Value}) is no member of Order";
            }
        }
    }

    private static bool HasRow(SourceFile document, string name) => document.Text.Split('\n')
        .Any(line => line.StartsWith('|') && Regex.IsMatch(line, $@"\b{name}\b"));

    [GeneratedRegex(@"///\s*<summary>[^\n]*Document:\s*(?<document>[\w-]+\.md)\.</summary>\s*\n\s*(?<name>\w+)\s*(=[^,\n]*)?,")]
    private static partial Regex Member();

    [GeneratedRegex(@"(?<=[{,]\s*)(?<name>[A-Z]\w+)\s*(=[^,}]*)?(?=[,}])")]
    private static partial Regex EnumMember();

    [GeneratedRegex(@"\bORDER\((?<name>[^)]*)\)")]
    private static partial Regex Tag();
}
