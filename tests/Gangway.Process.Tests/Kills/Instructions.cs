// SPDX-License-Identifier: MIT

namespace Gangway.Process.Tests.Kills;

/// <summary>How many instructions to let pass.</summary>
internal static class Instructions
{
    /// <summary>
    /// 1 to <paramref name="most"/>: every second time any of them, else small numbers as often as large ones. A thread is
    /// often found where it waits (a yield, a system call), and only a walk leads it from there into its work.
    /// </summary>
    public static int Pick(Random random, int most) => random.Next(2) == 0
        ? random.Next(1, most + 1)
        : (int)Math.Exp(random.NextDouble() * Math.Log(most + 1.0));
}
