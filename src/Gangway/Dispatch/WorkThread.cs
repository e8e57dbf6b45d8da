// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>One of <see cref="WorkThreads"/>: does what is queued, one item after the other, and sleeps when there is none.</summary>
internal sealed class WorkThread
{
    private readonly ParkingWord _wake = new();
    private int _threadId;

    /// <summary>Counts beginnings and ends: odd while an item runs. Written by the thread, read by the monitor.</summary>
    private ulong _piece;

    /// <summary>The monitor's.</summary>
    private HandlerWatch _watch;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="OutOfMemoryException">The system gives none.</exception>
    internal void Start() => OwnThreads.Start(Run, "gangway-work");

    /// <summary>Wakes the thread, which has been taken out of the idle ones.</summary>
    internal void Wake()
    {
        _wake.Bump();
        _wake.Wake(1);
    }

    /// <summary>Whether its item has run so long that the thread does not count for the others. For the monitor, each tick.</summary>
    internal bool IsSlow(long now)
    {
        ulong piece = Volatile.Read(ref _piece);
        return _watch.IsSlow(piece, isInHandler: (piece & 1) != 0, Volatile.Read(ref _threadId), now);
    }

    private void Run()
    {
        Volatile.Write(ref _threadId, Scheduler.ThreadId());
        bool wasWoken = false;
        while (true)
        {
            uint seen = _wake.Value;
            if (WorkThreads.TakeNext(this, wasWoken) is { } item)
            {
                wasWoken = false;
                RunOne(item);
                continue;
            }

            if (!TrySleep(seen))
                return;
            wasWoken = true;
        }
    }

    /// <summary>Sleeps until it is woken.</summary>
    /// <returns>False when nothing came for so long that the thread ends.</returns>
    private bool TrySleep(uint seen)
    {
        long until = Deadline.Now + WorkThreads.IdleNsMax;
        while (_wake.Value == seen)
        {
            if (_wake.Wait(seen, until) != Errno.ETIMEDOUT)
                continue;
            if (WorkThreads.TryEnd(this))
                return false;
            until = long.MaxValue;
        }

        return true;
    }

    private void RunOne(IWorkItem item)
    {
        Volatile.Write(ref _piece, _piece + 1);
        ExecutionContext? ambient = AmbientState.Begin();
        try
        {
            item.Execute();
        }
        catch (Exception e)
        {
            // Handlers are contained where they are called; what arrives here is an error of this library.
            Environment.FailFast($"Gangway's work thread failed: {e}");
        }

        AmbientState.End(ambient);
        Volatile.Write(ref _piece, _piece + 1);
    }
}
