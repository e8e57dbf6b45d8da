// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Marks;

/// <summary>
/// Memory ordering is argued in <c>Gangway.SharedMemory</c>, through <c>IMemory</c>. Whoever orders memory
/// elsewhere, or past that seam, stands in a list with the reason.
/// </summary>
public static partial class AtomicCalls
{
    private const string Seam = "src/Gangway.SharedMemory/Ordering/ProcessMemory.cs";

    /// <summary>Shipped files that call <c>Volatile</c> or <c>Interlocked</c> themselves.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files, AllowList allowed) => allowed.Compare(
        files.Where(static file => file.Path != Seam && file.InCode(Call()).Any()).Select(static file => file.Path),
        "calls Volatile or Interlocked outside the seam");

    [GeneratedRegex(@"\b(Volatile|Interlocked)\.\w+")]
    private static partial Regex Call();
}
