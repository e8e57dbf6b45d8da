// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Words;

/// <summary>No folder has a name that says nothing of what is in it.</summary>
public static class FolderNames
{
    private static readonly HashSet<string> s_banned =
        new(["Common", "Utils", "Util", "Utilities", "Helpers", "Helper", "Internal", "Core", "Misc", "Shared"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Folders with such a name.</summary>
    public static IEnumerable<string> Find(IEnumerable<string> folders) => folders
        .Where(static folder => s_banned.Contains(Path.GetFileName(folder)))
        .Select(static folder => $"{folder}: the name says nothing of what is in it");
}
