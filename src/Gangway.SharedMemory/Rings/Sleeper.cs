// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>Says to the other side that the reader of its ring sleeps and wants a bell.</summary>
/// <typeparam name="TMemory">The memory that it runs on; see <see cref="IMemory"/>.</typeparam>
/// <remarks><b>Threads:</b> one at a time: the reactor that the connection belongs to.</remarks>
internal sealed class Sleeper<TMemory>
    where TMemory : struct, IMemory
{
    // Design:
    //
    // The word says "sleeps" and the number of this sleep. The writer of the ring publishes, fences, and reads it; the
    // reader writes it, fences, and looks once more. So at least one of the two sees the other. The number lets a writer
    // ring each sleep once. Proof: docs/memory-ordering/park.md, verify/park.pml.

    private readonly Segment _own;
    private uint _number;

    /// <summary>Starts awake.</summary>
    /// <param name="own">The segment in which the word is announced.</param>
    internal Sleeper(Segment own) => _own = own;

    /// <summary>Announces sleep. The caller looks at everything that can wake it once more before it sleeps.</summary>
    internal void Announce()
    {
        _number++;

        // ORDER(SleepAnnounce): before our last look, by the fence below.
        TMemory.Write(ref _own.Word32(SegmentLayout.SleepOffset), _number << 1 | 1, Order.SleepAnnounce);

        // ORDER(SleepFence): full fence. Our word comes before our last look at the ring; the writer does the same the
        // other way round (BellFence).
        TMemory.Fence(Order.SleepFence);
    }

    /// <summary>Takes the announcement back.</summary>
    internal void Wake() =>
        TMemory.Write(ref _own.Word32(SegmentLayout.SleepOffset), _number << 1, Order.SleepAnnounce);
}
