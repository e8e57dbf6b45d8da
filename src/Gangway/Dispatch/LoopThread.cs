// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>A thread that runs one reactor's loop at a time, and sleeps between two of them.</summary>
internal sealed class LoopThread
{
    private readonly ParkingWord _wake = new();
    private readonly Thread _thread;
    private Reactor? _assigned;

    /// <summary>Starts the thread.</summary>
    internal LoopThread()
    {
        _thread = new Thread(Run) { Name = "gangway-standby", IsBackground = true };
        _thread.UnsafeStart();
    }

    /// <summary>Gives the loop of a reactor to this thread. The caller has it, and touches it no more.</summary>
    internal void Assign(Reactor reactor)
    {
        // The assignment before the wake-up: a thread that was woken first would find nothing and sleep again.
        Volatile.Write(ref _assigned, reactor);
        _wake.Bump();
        _wake.Wake(1);
    }

    private void Run()
    {
        do
        {
            Reactor reactor = NextReactor();
            _thread.Name = reactor.Name;
            reactor.RunLoop();
            _thread.Name = "gangway-standby";
        }
        while (StandbyThreads.TryReturn(this));
    }

    private Reactor NextReactor()
    {
        while (true)
        {
            uint seen = _wake.Value;
            if (Interlocked.Exchange(ref _assigned, null) is { } reactor)
                return reactor;
            _wake.Wait(seen, long.MaxValue);
        }
    }
}
