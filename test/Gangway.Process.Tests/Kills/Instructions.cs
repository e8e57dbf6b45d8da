// SPDX-License-Identifier: MIT

namespace Gangway.Process.Tests.Kills;

/// <summary>How many instructions to let pass.</summary>
internal static class Instructions
{
    /// <summary>
    /// 1 to <paramref name="most"/>, small numbers as often as large ones: a thread is found anywhere in its loop, so small
    /// steps are as random as large ones, and cheaper.
    /// </summary>
    public static int Pick(Random random, int most) => (int)Math.Exp(random.NextDouble() * Math.Log(most + 1.0));
}
