// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Words;

/// <summary>Words that say that something is not finished. What is open stands in the README's table.</summary>
public static class OpenEnds
{
    // Put together here, so that this file does not find itself.
    private static readonly Regex s_words = new(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X|HA" + @"CK|NotImplemented" + @"Exception)\b");

    /// <summary>Where such a word stands, in code, comments or text.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files.SelectMany(static file => s_words
        .Matches(file.Text)
        .Select(match => $"{file.Path}:{CSharpText.LineOf(file.Text, match.Index)}: {match.Value}"));
}
