// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>A call that suppresses the transition stops the collector while it lasts, so each is listed with its reason.</summary>
public static partial class GcTransitions
{
    /// <summary>Imports with <c>SuppressGCTransition</c> that are not listed, by "path:name".</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files, AllowList allowed) => allowed.Compare(
        files.SelectMany(static file => file.InCode(Import()).Select(found => $"{file.Path}:{found.Match.Groups["name"].Value}")),
        "suppresses the transition; allowed only where nothing can block, whatever a peer does");

    [GeneratedRegex(@"\bSuppressGCTransition\b(?:[^;{}]*?\b(?:partial|extern)\s[^;(]*?\b(?<name>\w+)\s*\()?")]
    private static partial Regex Import();
}
