// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Results of awaitable calls, for tests that wait for them.</summary>
internal static class Awaited
{
    /// <summary>Waits, and fails if it hangs.</summary>
    internal static T Get<T>(ValueTask<T> task, string what = "an awaited call") => Get(task.AsTask(), what);

    /// <inheritdoc cref="Get{T}(ValueTask{T}, string)"/>
    internal static T Get<T>(Task<T> task, string what = "an awaited call")
    {
        if (!task.Wait(Watchdog.Bound))
            Watchdog.Run(() => { task.Wait(); }, what);
        return task.Result;
    }

    /// <summary>The listening side's endpoint, as soon as it is there.</summary>
    internal static Endpoint ServerOf(Pair pair) => pair.Server;

    /// <summary>Whether a link has given its memory back; inside a process, where it has none, whether it has ended.</summary>
    internal static bool IsRetired(Endpoint endpoint) => Insides.IsInProcess(endpoint)
        ? (bool)Insides.Field(Insides.Link(endpoint), "_isEnded")
        : (int)Insides.Field(Insides.Link(endpoint), "_isRetired") == 1;
}
