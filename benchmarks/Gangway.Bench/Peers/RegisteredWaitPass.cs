// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;

namespace Gangway.Bench.Peers;

/// <summary>Events of the run-time, each with a wait registered at the thread pool.</summary>
internal sealed class RegisteredWaitPass : PassWork
{
    private readonly AutoResetEvent[] _events;
    private readonly RegisteredWaitHandle[] _waits;

    /// <summary>Registers so many.</summary>
    public RegisteredWaitPass(int sources)
        : base(sources)
    {
        _events = new AutoResetEvent[sources];
        _waits = new RegisteredWaitHandle[sources];
        for (int i = 0; i < sources; i++)
        {
            _events[i] = new AutoResetEvent(false);
            _waits[i] = ThreadPool.UnsafeRegisterWaitForSingleObject(
                _events[i], (_, _) => OnHandled(), null, Timeout.Infinite, executeOnlyOnce: false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        for (int i = 0; i < _waits.Length; i++)
        {
            _waits[i].Unregister(null);
            _events[i].Dispose();
        }

        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Signal(int source) => _events[source].Set();
}
