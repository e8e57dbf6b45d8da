// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Projects;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Words;

/// <summary>Calls that what we ship does not make, each with what to use.</summary>
public static class BannedCalls
{
    private static readonly (Regex Call, string Instead)[] s_everywhere =
    [
        (new(@"\bThread\.Sleep\b"), "wait for an event, with a deadline"),
        (new(@"\bDateTime(Offset)?\.(Utc)?Now\b"), "the monotonic clock; wall clocks jump"),
        (new(@"\bEnvironment\.TickCount(64)?\b"), "the monotonic clock"),
        (new(@"\bvolatile\b"), "Volatile.Read and Volatile.Write, which say what is ordered"),
        (new(@"\bfork\s*\("), "nothing: a forked runtime cannot go on"),
    ];

    /// <summary>A fence that ends at the process: behind the seam only, where a step of an argument names it.</summary>
    private static readonly (Regex Call, string Instead) s_processWide =
        (new(@"\bMemoryBarrierProcessWide\b"), "a full fence, or IMemory.FenceAll; this one ends at the process");

    private static readonly (Regex Call, string Instead)[] s_safeRooms =
    [
        (new(@"\bMarshal\.(?!GetPInvokeErrorMessage\b|GetLastPInvokeErrorMessage\b)\w+"), "a wrapper in Gangway.Platform"),
        (new(@"(?<![\w.])Unsafe\.\w+|\bCompilerServices\.Unsafe\b"), "spans, or a method of Gangway.SharedMemory"),
        (new(@"\bMemoryMarshal\.(CreateSpan|CreateReadOnlySpan|GetReference|GetArrayDataReference)\b"), "spans"),
        (new(@"\b(NativeMemory|GCHandle|AcquirePointer|DangerousGetHandle|DllImport|LibraryImport)\b"), "a wrapper in Gangway.Platform"),
    ];

    /// <summary>Where shipped files make such a call.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files) => files
        .Where(static file => file.IsIn("src"))
        .SelectMany(static file => s_everywhere
            .Concat(UnsafeConfinement.Allows(file.Path) ? [] : s_safeRooms)
            .Concat(file.Path.EndsWith("/Ordering/ProcessMemory.cs", StringComparison.Ordinal) ? [] : [s_processWide])
            .SelectMany(rule => file.InCode(rule.Call).Select(found => $"{found.Place}: {found.Match.Value}; use {rule.Instead}")));
}
