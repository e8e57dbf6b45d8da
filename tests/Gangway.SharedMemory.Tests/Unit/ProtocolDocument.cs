// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Text.RegularExpressions;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The tables of <c>docs/PROTOCOL.md</c>, so that the constants are compared with the text itself.</summary>
internal static partial class ProtocolDocument
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Root(), "docs", "PROTOCOL.md"));

    /// <summary>The rows of all tables in a section, without head and rule; each row its trimmed cells.</summary>
    /// <param name="heading">How the section's heading starts, for example <c>## 4. </c>.</param>
    internal static List<string[]> Rows(string heading) => Section(heading)
        .Where(static line => line.StartsWith('|') && !line.StartsWith("| ---", StringComparison.Ordinal))
        .Select(static line => line.Trim('|').Split('|').Select(static cell => cell.Trim()).ToArray())
        .ToList();

    /// <summary>The text of a section, with one space for each line break.</summary>
    internal static string Text(string heading) => string.Join(' ', Section(heading));

    /// <summary>The fields of a section's offset table: <c>name:type</c> by offset, several in a row laid out in order.</summary>
    internal static Dictionary<string, int> Offsets(string heading)
    {
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string[] row in Rows(heading))
        {
            if (!int.TryParse(row[0], CultureInfo.InvariantCulture, out int offset))
                continue;
            Match listed = List().Match(row[1]);
            if (listed.Success)
            {
                foreach (string name in listed.Groups["names"].Value.Split(','))
                {
                    offsets.Add(name.Trim(), offset);
                    offset += Bytes(listed.Groups["type"].Value);
                }

                continue;
            }

            foreach (Match field in Field().Matches(row[1]))
            {
                offsets.TryAdd(field.Groups["name"].Value, offset);
                int count = field.Groups["count"].Success ? Number(field.Groups["count"].Value) : 1;
                offset += count * Bytes(field.Groups["type"].Value);
            }
        }

        return offsets;
    }

    /// <summary>The whole numbers of a text, in order; <c>4,096</c> is one number.</summary>
    internal static List<int> Numbers(string text) =>
        WholeNumber().Matches(text).Select(static match => Number(match.Value)).ToList();

    private static int Number(string text) =>
        int.Parse(text.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static int Bytes(string type) => Number(type[1..]) / 8;

    private static IEnumerable<string> Section(string heading)
    {
        List<string> section = s_lines
            .SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(section);
        return section.Skip(1).TakeWhile(static line => !line.StartsWith('#'));
    }

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gangway.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No repository above the tests.");
        return folder;
    }

    [GeneratedRegex(@"`(?<names>\w+(, \w+)+) : (?<type>u\d+)`")]
    private static partial Regex List();

    [GeneratedRegex(@"(?<name>\w+):(?<type>u\d+)(\[(?<count>\d+)\])?")]
    private static partial Regex Field();

    [GeneratedRegex(@"\d{1,3}(,\d{3})+|\d+")]
    private static partial Regex WholeNumber();
}
