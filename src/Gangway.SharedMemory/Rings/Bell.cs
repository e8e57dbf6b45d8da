// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Tells whether the reader on the other side sleeps, so that somebody must ring.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> any number. Two may ring the same sleep, which is harmless.</remarks>
internal sealed class Bell<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // A sleep is marked as rung only after the ring has happened. Marking before would let a second thread leave while
    // the first is preempted between its mark and its ring. Proof: docs/memory-ordering/park.md, verify/park.pml.

    private readonly Segment _peer;
    private readonly PrivateWords _rung = new(1);

    /// <summary>Looks at a peer's announcements.</summary>
    /// <param name="peer">The segment in which the peer announces its sleep.</param>
    internal Bell(Segment peer) => _peer = peer;

    /// <summary>The full fence between a publish and <see cref="MustRing"/>, where no locked instruction stands between.</summary>
    internal static void Fence() =>
        // ORDER(BellFence): full fence. Our publish comes before our look at the sleep word.
        TMemory.Fence(Order.BellFence);

    /// <summary>Whether the reader sleeps and was not rung in this sleep. Comes after a full fence.</summary>
    /// <param name="sleep">What to give to <see cref="MarkRung"/> after ringing.</param>
    internal bool MustRing(out uint sleep)
    {
        // TRUST: a hint. Any value is allowed; one that lies costs the liar wake-ups, and us a system call.
        sleep = TMemory.Read(in _peer.Word32(SegmentLayout.SleepOffset), Order.BellLook);
        return (sleep & 1) != 0 && TMemory.Read(in _rung[0], Order.BellRung) != sleep;
    }

    /// <summary>Notes that this sleep was rung. Comes after the ring has returned.</summary>
    internal void MarkRung(uint sleep) => TMemory.Write(ref _rung[0], sleep, Order.BellRung);
}
