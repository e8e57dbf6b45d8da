// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A port's sleep without any descriptor, by what the runtime has on every system.</summary>
internal sealed class ManagedBackend : PortBackend
{
    private readonly object _monitor = new();
    private bool _isWoken;

    /// <inheritdoc/>
    internal override bool Wait(EventPort port, long timeoutNs)
    {
        if (timeoutNs == 0)
            return true;
        Deadline deadline = timeoutNs < 0 ? Deadline.Never : Deadline.After(TimeSpan.FromTicks((timeoutNs + 99) / 100));
        lock (_monitor)
        {
            while (!_isWoken && !deadline.HasPassed)
                Monitor.Wait(_monitor, deadline.IsNever ? Timeout.Infinite : Milliseconds(deadline));
            _isWoken = false;
        }

        return true;
    }

    /// <inheritdoc/>
    internal override void Wake()
    {
        lock (_monitor)
        {
            _isWoken = true;
            Monitor.Pulse(_monitor);
        }
    }

    private static int Milliseconds(Deadline deadline) =>
        (int)Math.Clamp((deadline.Nanoseconds - Deadline.Now + 999_999) / 1_000_000, 1, int.MaxValue);
}
