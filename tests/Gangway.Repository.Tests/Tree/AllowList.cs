// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Tree;

/// <summary>A text file of exceptions: each line a key, blanks, and the reason. <c>#</c> begins a comment line.</summary>
/// <remarks>An entry that nothing needs any more is a violation too, so a list can only follow the code.</remarks>
public sealed class AllowList
{
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private readonly List<string> _broken = [];
    private readonly string _path;

    private AllowList(SourceFile file)
    {
        _path = file.Path;
        foreach (string line in file.Text.Split('\n').Select(static line => line.Trim()))
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts.Length < 2)
            {
                _broken.Add($"{_path}: '{line}' gives no reason");
            }
            else if (!_reasons.TryAdd(parts[0], parts[1]))
            {
                _broken.Add($"{_path}: '{parts[0]}' stands there twice");
            }
        }
    }

    /// <summary>Reads a list of <c>eng/allow/</c>.</summary>
    public static AllowList Read(string name) => new(RepositoryTree.Read($"eng/allow/{name}"));

    /// <summary>Makes a list from text, for tests of the checkers.</summary>
    public static AllowList Of(params string[] lines) => new(new SourceFile("list", string.Join('\n', lines)));

    /// <summary>The text behind a key, or null.</summary>
    public string? ReasonFor(string key) => _reasons.GetValueOrDefault(key);

    /// <summary>What is used and not listed, what is listed and not used, and what gives no reason.</summary>
    public IEnumerable<string> Compare(IEnumerable<string> used, string complaint)
    {
        var seen = used.ToHashSet(StringComparer.Ordinal);
        return _broken
            .Concat(seen.Where(key => !_reasons.ContainsKey(key)).Select(key => $"{key}: {complaint} (else give a reason in {_path})"))
            .Concat(_reasons.Keys.Where(key => !seen.Contains(key)).Select(key => $"{_path}: '{key}' is listed and no longer needed"));
    }
}
