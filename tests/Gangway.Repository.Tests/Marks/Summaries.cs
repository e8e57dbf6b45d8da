// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>Every type that we ship has a summary; the compiler asks for it on public types only.</summary>
public static class Summaries
{
    /// <summary>Types without one. One part of a partial type is enough.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files)
    {
        var types = files
            .SelectMany(static file => file.Types.Select(type => (File: file, Type: type)))
            .Where(static entry => !entry.Type.IsFileLocal)
            .GroupBy(static entry => (Folder: entry.File.Path[..entry.File.Path.LastIndexOf('/')], entry.Type.Name));
        return types
            .Where(static group => !group.Any(static entry => HasSummary(entry.File, entry.Type.Line)))
            .Select(static group => $"{group.First().File.Path}:{group.First().Type.Line}: {group.Key.Name} has no summary");
    }

    // Upwards from the declaration, over its attributes and modifiers, to the block of /// lines.
    private static bool HasSummary(SourceFile file, int line)
    {
        string[] lines = file.Text.Split('\n');
        for (int i = line - 2; i >= 0; i--)
        {
            string text = lines[i].Trim();
            if (text.StartsWith("///", StringComparison.Ordinal))
            {
                if (text.Contains("<summary>", StringComparison.Ordinal) || text.Contains("<inheritdoc", StringComparison.Ordinal))
                {
                    return true;
                }
            }
            else if (text.Length == 0 || text.EndsWith(';') || text.EndsWith('}'))
            {
                return false;
            }
        }

        return false;
    }
}
