// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Something that happens once, and that others wait for.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal bool IsOpen => _opened.Task.IsCompleted;

    internal void Open() => _opened.TrySetResult();

    /// <summary>Waits; for handlers, whose test has the watchdog.</summary>
    internal void Pass() => _opened.Task.Wait();

    /// <summary>Waits, and fails if it hangs.</summary>
    internal void MustOpen(string what) => Watchdog.Run(_opened.Task.Wait, what);
}
