// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Bench.Roles;

/// <summary>What this process has for itself alone: anonymous pages, and the tables by which it finds any page.</summary>
internal static class PrivateMemory
{
    /// <summary>Resident anonymous memory and page tables, after a collection that gave back what it could.</summary>
    public static long Bytes()
    {
        Collect();
        long kibibytes = 0;
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("VmPTE:", StringComparison.Ordinal))
            {
                string[] part = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                kibibytes += long.Parse(part[1], CultureInfo.InvariantCulture);
            }
        }

        return kibibytes * 1024;
    }

    /// <summary>Live objects on the managed heap.</summary>
    public static long ManagedBytes()
    {
        Collect();
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
