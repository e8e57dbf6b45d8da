// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Gangway.Testing;

/// <summary>A tripwire, so that no test hangs for ever.</summary>
/// <remarks>
/// It is no time bound: sixty seconds is far above what anything here takes, and only a lost wake-up or
/// a deadlock reaches it. While the processors are busy, with the test itself or with something else, it is patient and
/// waits a few times as long (<see cref="Patience"/>). <c>GANGWAY_WATCHDOG_SECONDS</c> sets another bound.
/// </remarks>
public static class Watchdog
{
    /// <summary>How long something may take before it counts as hung.</summary>
    public static TimeSpan Bound { get; } = ReadBound(Environment.GetEnvironmentVariable("GANGWAY_WATCHDOG_SECONDS"));

    /// <summary>Runs an action on a thread of its own and fails with a list of threads if it hangs.</summary>
    public static void Run(Action action, [CallerMemberName] string what = "") => Run(action, Bound, what);

    /// <inheritdoc cref="Run(Action, string)"/>
    public static void Run(Action action, TimeSpan bound, [CallerMemberName] string what = "") =>
        Run(() => { action(); return true; }, bound, what);

    /// <summary>Runs a function on a thread of its own and returns its result.</summary>
    public static T Run<T>(Func<T> function, [CallerMemberName] string what = "") => Run(function, Bound, what);

    /// <inheritdoc cref="Run{T}(Func{T}, string)"/>
    public static T Run<T>(Func<T> function, TimeSpan bound, [CallerMemberName] string what = "")
    {
        ArgumentNullException.ThrowIfNull(function);
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = function();
            }
#pragma warning disable CA1031 // Carried to the caller below, whatever it is.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "test",
        };
        var patience = new Patience(bound);
        thread.Start();
        while (!thread.Join(bound))
        {
            if (!patience.MayGoOn())
            {
                throw Hung(what, bound);
            }
        }

        failure?.Throw();
        return result;
    }

    /// <summary>Waits for a task and fails with a list of threads if it hangs.</summary>
    public static async Task WaitAsync(Task task, [CallerMemberName] string what = "")
    {
        ArgumentNullException.ThrowIfNull(task);
        var patience = new Patience(Bound);
        while (await Task.WhenAny(task, Task.Delay(Bound)).ConfigureAwait(false) != task)
        {
            if (!patience.MayGoOn())
            {
                throw Hung(what, Bound);
            }
        }

        await task.ConfigureAwait(false);
    }

    /// <inheritdoc cref="WaitAsync(Task, string)"/>
    public static async Task<T> WaitAsync<T>(Task<T> task, [CallerMemberName] string what = "")
    {
        await WaitAsync((Task)task, what).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <summary>Joins a thread that the test started itself.</summary>
    public static void Join(Thread thread, [CallerMemberName] string what = "")
    {
        ArgumentNullException.ThrowIfNull(thread);
        var patience = new Patience(Bound);
        while (!thread.Join(Bound))
        {
            if (!patience.MayGoOn())
            {
                throw Hung($"{what}: thread '{thread.Name}'", Bound);
            }
        }
    }

    /// <summary>Waits until a condition holds that no event announces (what the kernel says of us, for example).</summary>
    public static void Until(Func<bool> condition, string what) => Until(condition, Bound, what);

    /// <inheritdoc cref="Until(Func{bool}, string)"/>
    public static void Until(Func<bool> condition, TimeSpan bound, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (!Poll(condition, bound))
        {
            throw Hung(what, bound);
        }
    }

    /// <summary>Looks at a condition again and again, up to a bound. False: it never held.</summary>
    internal static bool Poll(Func<bool> condition, TimeSpan bound)
    {
        long start = Environment.TickCount64;
        var patience = new Patience(bound);
        while (!condition())
        {
            if (Environment.TickCount64 - start > bound.TotalMilliseconds)
            {
                if (!patience.MayGoOn())
                {
                    return false;
                }

                start = Environment.TickCount64;
            }

            Thread.Sleep(2);
        }

        return true;
    }

    private static WatchdogException Hung(string what, TimeSpan bound) =>
        new($"{what} did not end within {bound.TotalSeconds:0.#} s. Threads of this process:\n{ThreadList.Describe()}");

    private static TimeSpan ReadBound(string? seconds) =>
        int.TryParse(seconds, out int value) && value > 0 ? TimeSpan.FromSeconds(value) : TimeSpan.FromSeconds(60);
}
