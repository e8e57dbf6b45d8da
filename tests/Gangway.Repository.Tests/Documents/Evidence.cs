// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Documents;

/// <summary>What a table names as evidence, in code letters, exists: a file, a test class, an attack of the hostile programs.</summary>
public static partial class Evidence
{
    /// <summary>Names of a table's column that lead nowhere.</summary>
    /// <param name="document">A Markdown file.</param>
    /// <param name="column">The column's heading.</param>
    /// <param name="tests">C# and C files of the tests.</param>
    /// <param name="exists">Whether a path from the root is there.</param>
    public static IEnumerable<string> Find(SourceFile document, string column, IReadOnlyList<SourceFile> tests, Func<string, bool> exists)
    {
        int index = -1;
        int cells = 0;
        foreach (string line in document.Text.Split('\n'))
        {
            string[] row = line.StartsWith('|') ? [.. line.Trim().Trim('|').Split('|').Select(static cell => cell.Trim())] : [];
            if (row.Contains(column))
            {
                index = Array.IndexOf(row, column);
            }
            else if (row.Length == 0)
            {
                index = -1;
            }
            else if (index >= 0 && index < row.Length)
            {
                cells++;
                foreach (string name in CodeSpan().Matches(row[index]).Select(static match => match.Groups["name"].Value))
                {
                    if (name.Contains('/', StringComparison.Ordinal) ? !exists(name) : !tests.Any(file => Defines(file, name)))
                    {
                        yield return $"{document.Path}: {row[0]}: {name} is not there";
                    }
                }
            }
        }

        if (cells == 0)
        {
            yield return $"{document.Path}: has no table with a column '{column}'";
        }
    }

    private static bool Defines(SourceFile file, string name) => file.Path.EndsWith(".cs", StringComparison.Ordinal)
        ? file.Types.Any(type => type.Name == name)
        : file.Text.Contains($"{{ \"{name}\"", StringComparison.Ordinal);

    [GeneratedRegex(@"`(?<name>[^`]+)`")]
    private static partial Regex CodeSpan();
}
