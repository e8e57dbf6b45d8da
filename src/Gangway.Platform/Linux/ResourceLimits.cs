// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>What the kernel allows this process to have; read anew at each call.</summary>
internal static partial class ResourceLimits
{
    // sys/resource.h
    private const int RLIMIT_NOFILE = 7;

    // The kernel's default (DEFAULT_MAX_MAP_COUNT), taken where /proc does not say.
    private const ulong UsualMappingLimit = 65530;

    private const ulong DescriptorHeadroom = 64;

    private const string MappingLimitPath = "/proc/sys/vm/max_map_count";

    /// <summary>How many descriptors may be open at once: the soft RLIMIT_NOFILE.</summary>
    internal static unsafe ulong DescriptorLimit()
    {
        Rlimit limit;

        // SAFETY: the kernel writes one struct rlimit on this stack. It fails only for a bad resource or address.
        return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
    }

    /// <summary>Whether a descriptor that was just made is one of the last that this process may have.</summary>
    /// <remarks>The kernel gives out the lowest free number, so a number says how many are in use: no count of others is needed.
    /// The last 64 (an eighth of a small limit) are left to what the program does beside us.</remarks>
    internal static bool IsOneOfTheLast(Descriptor newest)
    {
        ulong limit = DescriptorLimit();
        return (ulong)newest.Number >= limit - Math.Min(DescriptorHeadroom, limit / 8);
    }

    /// <summary>How many mappings there may be at once; the runtime aborts when it needs one more.</summary>
    internal static ulong MappingLimit()
    {
        try
        {
            string text = File.ReadAllText(MappingLimitPath);
            return ulong.TryParse(text.AsSpan().Trim(), CultureInfo.InvariantCulture, out ulong limit)
                ? limit
                : UsualMappingLimit;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return UsualMappingLimit;
        }
    }

    /// <summary><c>struct rlimit</c>.</summary>
    [CStruct("struct rlimit")]
    [StructLayout(LayoutKind.Sequential)]
    private struct Rlimit
    {
        internal ulong rlim_cur;
        internal ulong rlim_max;
    }

    [LibraryImport(Libc.Name)]
    private static unsafe partial int getrlimit(int resource, Rlimit* limit);
}
