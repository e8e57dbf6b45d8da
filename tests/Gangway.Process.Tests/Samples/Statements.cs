// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Gangway.Process.Tests.Samples;

/// <summary>Counts the statements of methods in C# text, as a reader would.</summary>
internal static partial class Statements
{
    /// <summary>Simple statements end with a semicolon; each <c>if</c>, <c>while</c>, <c>case</c> and the like is one as well.</summary>
    /// <param name="code">The text of a file.</param>
    /// <param name="method">The method's name.</param>
    public static int Count(string code, string method)
    {
        string body = Body(Noise().Replace(code, static match => match.Value[0] == '/' ? "" : "\"\""), method);
        string withoutHeads = ForHead().Replace(body, "for");
        return withoutHeads.Count(static character => character == ';') + Compound().Count(withoutHeads);
    }

    private static string Body(string code, string method)
    {
        Match head = Regex.Match(code, $@"\b{Regex.Escape(method)}\s*\([^)]*\)\s*(?<open>\{{|=>)");
        if (!head.Success)
        {
            throw new XunitException($"There is no method {method}.");
        }

        int start = head.Groups["open"].Index, depth = 0;
        if (head.Groups["open"].Value == "=>")
        {
            return code[start..(code.IndexOf(';', start) + 1)];
        }

        for (int i = start; i < code.Length; i++)
        {
            depth += code[i] == '{' ? 1 : code[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return code[start..(i + 1)];
            }
        }

        throw new XunitException($"{method} does not end.");
    }

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\$?"(\\.|[^"\\])*"|'(\\.|[^'\\])'""", RegexOptions.Singleline)]
    private static partial Regex Noise();

    [GeneratedRegex(@"\bfor\s*\([^)]*\)")]
    private static partial Regex ForHead();

    [GeneratedRegex(@"\b(if|for|foreach|while|switch|case|default(?=\s*:)|try|lock)\b")]
    private static partial Regex Compound();
}
