// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;

namespace Gangway.Repository.Tests.Tree;

/// <summary>A file of the tree: its path from the root, with forward slashes, and its text.</summary>
public sealed partial class SourceFile
{
    private readonly Lazy<CSharpText> _parts;
    private readonly Lazy<IReadOnlyList<TypeDeclaration>> _types;

    /// <param name="path">From the root of the repository, with forward slashes.</param>
    /// <param name="text">What is in it.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        _parts = new(() => CSharpText.Parse(Text));
        _types = new(() => FindTypes(Code));
    }

    /// <summary>From the root of the repository, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>What is in it.</summary>
    public string Text { get; }

    /// <summary>The text without comments and literals.</summary>
    public string Code => _parts.Value.Code;

    /// <summary>The comments alone.</summary>
    public string Comments => _parts.Value.Comments;

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>How many lines it has.</summary>
    public int Lines => Text.AsSpan().Count('\n') + (Text.EndsWith('\n') || Text.Length == 0 ? 0 : 1);

    /// <summary>The types that stand at its top level.</summary>
    public IReadOnlyList<TypeDeclaration> Types => _types.Value;

    /// <summary>Whether it lies in a folder.</summary>
    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Each place where a pattern occurs in the code, as "path:line".</summary>
    public IEnumerable<(string Place, Match Match)> InCode(Regex pattern) =>
        pattern.Matches(Code).Select(match => ($"{Path}:{CSharpText.LineOf(Code, match.Index)}", match));

    private static List<TypeDeclaration> FindTypes(string code)
    {
        string top = TopLevel(code);
        return [.. TypePattern().Matches(top)
            .Where(static match => match.Groups["name"].Value != "where")
            .Select(match => new TypeDeclaration(
                match.Groups["name"].Value,
                Blanks().Replace(match.Groups["kind"].Value, " "),
                Blanks().Replace(match.Groups["modifiers"].Value.Trim(), " "),
                CSharpText.LineOf(top, match.Groups["kind"].Index)))];
    }

    // What is in no braces, parentheses or brackets.
    private static string TopLevel(string code)
    {
        char[] top = code.ToCharArray();
        int depth = 0;
        for (int i = 0; i < top.Length; i++)
        {
            char c = top[i];
            depth += c is '{' or '(' or '[' ? 1 : c is '}' or ')' or ']' ? -1 : 0;
            if (depth > 0 && c != '\n')
            {
                top[i] = ' ';
            }
        }

        return new string(top);
    }

    [GeneratedRegex(@"(?<modifiers>(?:\b(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*)\b(?:(?<kind>record\s+struct|record\s+class|record|class|struct|interface|enum)\s+(?<name>\w+)|(?<kind>delegate)\s+[^;]*?\b(?<name>\w+)\s*(?:<[^;]*>)?\s*\)?\s*;)")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
