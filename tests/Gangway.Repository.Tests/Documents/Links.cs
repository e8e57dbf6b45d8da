// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Documents;

/// <summary>Links between files of the repository lead somewhere.</summary>
public static partial class Links
{
    /// <summary>Links of Markdown files whose file or heading is not there.</summary>
    /// <param name="documents">The Markdown files.</param>
    /// <param name="exists">Whether a path from the root is there.</param>
    public static IEnumerable<string> Find(IReadOnlyList<SourceFile> documents, Func<string, bool> exists)
    {
        foreach (SourceFile document in documents)
        {
            string text = WithoutCode(document.Text);
            foreach (Match link in Link().Matches(text).Where(static link => !External().IsMatch(link.Groups["target"].Value)))
            {
                string[] target = link.Groups["target"].Value.Split('#', 2);
                string path = target[0].Length == 0 ? document.Path : Resolve(document.Path, target[0]);
                string place = $"{document.Path}:{CSharpText.LineOf(text, link.Index)}";
                if (!exists(path))
                {
                    yield return $"{place}: {path} is not there";
                }
                else if (target.Length == 2 && documents.FirstOrDefault(other => other.Path == path) is { } there && !Anchors(there).Contains(target[1]))
                {
                    yield return $"{place}: {path} has no heading #{target[1]}";
                }
            }
        }
    }

    private static string Resolve(string from, string target) =>
        Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(from) ?? "", target)));

    private static IEnumerable<string> Anchors(SourceFile document) => Heading()
        .Matches(WithoutFences(document.Text))
        .Select(static match => NotInAnchor().Replace(match.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutCode(string text) => CodeSpan().Replace(WithoutFences(text), Blank);

    private static string WithoutFences(string text) => Fence().Replace(text, Blank);

    private static string Blank(Match match) => new([.. match.Value.Select(static c => c == '\n' ? '\n' : ' ')]);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^[a-z]+:")]
    private static partial Regex External();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^#{1,6} (?<title>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
