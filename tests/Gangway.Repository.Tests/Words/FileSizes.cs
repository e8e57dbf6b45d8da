// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Words;

/// <summary>No file grows beyond its limit; the exceptions are listed with their size and may only shrink.</summary>
public static class FileSizes
{
    /// <summary>Lines of a file of what we ship.</summary>
    public const int SourceLines = 400;

    /// <summary>Lines of any other file.</summary>
    public const int OtherLines = 800;

    /// <summary>Files over their limit, and list entries that are too high.</summary>
    /// <param name="files">All C# and C files.</param>
    /// <param name="ratchet">Path and number of lines of each exception.</param>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files, AllowList ratchet)
    {
        SourceFile[] large = [.. files.Where(static file => file.Lines > (file.IsIn("src") ? SourceLines : OtherLines))];
        foreach (string complaint in ratchet.Compare(large.Select(static file => file.Path), "is over the limit; split it by role"))
        {
            yield return complaint;
        }

        foreach (SourceFile file in large)
        {
            string? listed = ratchet.ReasonFor(file.Path);
            if (listed is not null && int.Parse(listed, CultureInfo.InvariantCulture) != file.Lines)
            {
                yield return $"{file.Path}: has {file.Lines} lines, {listed} are listed; it may only shrink, and the list with it";
            }
        }
    }
}
