// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>A process that takes only the processor time that nobody else wants.</summary>
internal static unsafe partial class Leftovers
{
    private const int SCHED_IDLE = 5;

    /// <summary>For the calling thread, all that it starts, and the program that it becomes.</summary>
    public static void Take()
    {
        // struct sched_param: a priority, which this policy does not use.
        int priority = 0;
        if (sched_setscheduler(0, SCHED_IDLE, &priority) != 0)
        {
            throw new InvalidOperationException("sched_setscheduler(SCHED_IDLE) failed.");
        }
    }

    [LibraryImport("libc")]
    private static partial int sched_setscheduler(int process, int policy, int* parameters);
}
