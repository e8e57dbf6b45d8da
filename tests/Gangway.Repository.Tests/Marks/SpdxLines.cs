// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Each source file says its licence in its first line, or in the second of a script.</summary>
public static class SpdxLines
{
    private const string Line = "SPDX-License-Identifier: MIT";

    /// <summary>Files that do not.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files
        .Where(static file => !LicenceLine(file.Text).Contains(Line, StringComparison.Ordinal))
        .Select(static file => $"{file.Path}: does not begin with '{Line}'");

    private static string LicenceLine(string text)
    {
        string[] lines = text.Split('\n', 3);
        return lines[0].StartsWith("#!", StringComparison.Ordinal) && lines.Length > 1 ? lines[1] : lines[0];
    }
}
