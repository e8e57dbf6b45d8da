// SPDX-License-Identifier: MIT

using System.Runtime.Intrinsics.X86;
using Gangway.Platform;

namespace Gangway;

/// <summary>One wait, rung by rung: look, then poll or yield by where the peer runs, then say that it is time to sleep.</summary>
/// <remarks><b>Threads:</b> a local of the thread that waits.</remarks>
internal struct Ladder
{
    /// <summary>Looks to take before the ladder: they cost less than reading a clock and the processor's number.</summary>
    internal const int FreeLooks = 64;

    /// <summary>Looks between two readings of the clock; a reading costs 25 ns.</summary>
    private const int LooksPerReading = 32;

    private readonly bool _mayPoll;
    private readonly bool _hasRung;
    private int _looks;
    private long _start;
    private bool _isOnPeersCpu;
    private bool _isOnAnotherCpu;
    private bool _hasEnded;

    /// <summary>Starts a wait.</summary>
    /// <param name="mayPoll">False when recent waits were long, or the strategy is to park.</param>
    /// <param name="hasRung">Whether this thread has just woken the peer.</param>
    internal Ladder(bool mayPoll, bool hasRung = false)
    {
        _mayPoll = mayPoll;
        _hasRung = hasRung;
    }

    /// <summary>The processor of this thread, once the first rung was reached; else -1.</summary>
    internal int Cpu { get; private set; } = -1;

    /// <summary>Whether this wait went on to sleep for a peer on another processor, so that it tells what waking costs.</summary>
    internal readonly bool TellsWakeCost => _hasEnded && _isOnAnotherCpu;

    /// <summary>When the wait began, within a microsecond; 0 before the first rung.</summary>
    internal readonly long Start => _start;

    /// <summary>Spends a moment.</summary>
    /// <param name="peerCpu">The processor that the peer last ran on, or -1. A hint, possibly a lie.</param>
    /// <returns>True to look again; false when it is time to sleep.</returns>
    internal bool TryClimb(int peerCpu)
    {
        bool goesOn = _looks++ == 0 ? TryBegin(peerCpu) : _isOnPeersCpu ? TryYield() : TryPoll();
        _hasEnded = !goesOn;
        return goesOn;
    }

    private readonly bool TryYield()
    {
        long now = Deadline.Now;
        return now - _start < WakeCost.NanosecondsMax && YieldGuard.TryYield(ref now);
    }

    private readonly bool TryPoll()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
        else
            Thread.SpinWait(1);
        return _looks % LooksPerReading != 0 || Deadline.Now - _start < WakeCost.Nanoseconds;
    }

    private bool TryBegin(int peerCpu)
    {
        Cpu = Scheduler.CurrentCpu();
        _start = Deadline.Now;
        _isOnPeersCpu = peerCpu == Cpu;
        _isOnAnotherCpu = peerCpu >= 0 && !_isOnPeersCpu;

        // On the peer's processor nothing happens until we leave it: never poll there.
        if (_isOnPeersCpu)
        {
            if (!Separation.NoteSharedWait(Cpu, _start))
                return YieldGuard.BeginWait();
            Cpu = Scheduler.CurrentCpu();
            _isOnPeersCpu = false;
            return _mayPoll;
        }

        // The kernel likes to put whom we woke on our processor, because who wakes another mostly sleeps then. One yield
        // lets him run; if he was put elsewhere, it costs half a microsecond of a wait that is a wake-up long.
        if (_mayPoll && _hasRung && YieldGuard.BeginWait())
        {
            long now = _start;
            return YieldGuard.TryYield(ref now);
        }

        return _mayPoll;
    }
}
