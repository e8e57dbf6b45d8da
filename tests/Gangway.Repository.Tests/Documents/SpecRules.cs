// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Documents;

/// <summary>The promises, and the tests that show them.</summary>
public static partial class SpecRules
{
    /// <summary>The rules that there have always been: chapter and how many. None may disappear.</summary>
    public static IReadOnlyDictionary<string, int> Chapters { get; } = new Dictionary<string, int>
    {
        ["EV"] = 25, ["RD"] = 8, ["DI"] = 5, ["SH"] = 11, ["CA"] = 13, ["LC"] = 11, ["BU"] = 10, ["CO"] = 7, ["NE"] = 5, ["SE"] = 5,
    };

    /// <summary>The rows of the document.</summary>
    public static IReadOnlyList<SpecRule> Parse(string text) =>
        [.. Row().Matches(text).Select(static match => new SpecRule(
            match.Groups["id"].Value, match.Groups["rule"].Value, match.Groups["state"].Value, match.Groups["part"].Value))];

    /// <summary>The rules that the tests name: id and place.</summary>
    /// <remarks>Only an attribute counts: the word in a comment or inside a literal is none.</remarks>
    public static IEnumerable<(string Id, string Place)> Named(IEnumerable<SourceFile> tests) => tests.SelectMany(static file => file
        .InCode(Attribute())
        .Select(found => (IdBehind(file.Text, found.Match), found.Place)));

    /// <summary>Broken rows, rules that are missing or twice, kept rules without a test, tests of unknown rules.</summary>
    public static IEnumerable<string> Find(IReadOnlyList<SpecRule> rules, IEnumerable<(string Id, string Place)> named)
    {
        var tests = named.ToLookup(static test => test.Id, static test => test.Place);
        string[] ids = [.. Chapters.SelectMany(static chapter => Enumerable.Range(1, chapter.Value).Select(number => $"{chapter.Key}-{number:00}"))];
        return ids.Except(rules.Select(static rule => rule.Id)).Select(static id => $"{id}: is missing")
            .Concat(rules.GroupBy(static rule => rule.Id).Where(static group => group.Count() > 1).Select(static group => $"{group.Key}: stands there twice"))
            .Concat(rules.Where(static rule => rule.State is not ("kept" or "planned")).Select(static rule => $"{rule.Id}: is '{rule.State}', neither kept nor planned"))
            .Concat(rules.Where(static rule => rule.Sentence.Length < 10).Select(static rule => $"{rule.Id}: says nothing"))
            .Concat(rules.Where(static rule => !Part().IsMatch(rule.Part)).Select(static rule => $"{rule.Id}: names no part of the plan"))
            .Concat(rules.Where(rule => rule.State == "kept" && !tests.Contains(rule.Id)).Select(static rule => $"{rule.Id}: is kept, and no test names it"))
            .Concat(tests.Where(test => rules.All(rule => rule.Id != test.Key)).Select(static test => $"{test.First()}: names {test.Key}, which is no rule"));
    }

    private static string IdBehind(string text, Match attribute)
    {
        int start = attribute.Index + attribute.Length;
        int end = text.IndexOf('"', start);
        return end < 0 ? "" : text[start..end];
    }

    [GeneratedRegex(@"^\| (?<id>[A-Z]{2}-\d\d) \| (?<rule>[^|]*) \| (?<state>[^|]*) \| (?<part>[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<=[\[,]\s*)Rule\(\s*""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^[1-6]\b")]
    private static partial Regex Part();
}
