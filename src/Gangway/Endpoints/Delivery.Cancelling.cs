// SPDX-License-Identifier: MIT

namespace Gangway;

// The token of a request's handler.
internal sealed partial class Delivery
{
    // Design:
    //
    // _cancelled is the stamp of the last record that was cancelled, plus one. Who asks for the token publishes the
    // source, fences, and looks at _cancelled; who cancels writes _cancelled, fences, and looks at the source. So at least
    // one of the two sees the other. A canceller that comes late finds another stamp, or a source that it must not touch:
    // a source belongs to one record and is never used again.

    private CancellationTokenSource? _source;
    private ulong _cancelled;

    /// <summary>The token of a record.</summary>
    internal CancellationToken TokenOf(uint stamp)
    {
        if (Stamp != stamp)
            return new CancellationToken(canceled: true);
        CancellationTokenSource source = Volatile.Read(ref _source) ?? MakeSource();
        Interlocked.MemoryBarrier();

        // Who asks for the token of a record that ends meanwhile must not leave a source in the next one.
        if (Stamp != stamp && Interlocked.CompareExchange(ref _source, null, source) == source)
            source.Cancel();
        if (IsCancelled(stamp))
            source.Cancel();
        return source.Token;
    }

    /// <summary>Whether a record was cancelled.</summary>
    internal bool IsCancelled(uint stamp) => Volatile.Read(ref _cancelled) == (ulong)stamp + 1;

    /// <summary>
    /// When the token of a record is due; <see cref="Deadline.Never"/> when nobody asked for it, or another record is here.
    /// </summary>
    internal Deadline TokenDeadlineOf(uint stamp)
    {
        // The copies before the look at the stamp, which changes before another record comes here.
        bool hasToken = Volatile.Read(ref _source) is not null;
        Deadline deadline = Frame.Deadline;
        Interlocked.MemoryBarrier();
        return hasToken && Stamp == stamp ? deadline : Deadline.Never;
    }

    /// <summary>Cancels a record's token. The callbacks run on the thread pool.</summary>
    internal void Cancel(uint stamp)
    {
        // A swap, and its fence: who comes late must not undo the cancel of a later record.
        ulong before = Volatile.Read(ref _cancelled);
        while (Stamp == stamp && before != (ulong)stamp + 1)
        {
            ulong found = Interlocked.CompareExchange(ref _cancelled, (ulong)stamp + 1, before);
            if (found == before)
                break;
            before = found;
        }

        Interlocked.MemoryBarrier();
        CancellationTokenSource? source = Volatile.Read(ref _source);
        if (source is not null && Stamp == stamp)
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.Cancel(), source, preferLocal: false);
    }

    private CancellationTokenSource MakeSource()
    {
        var source = new CancellationTokenSource();
        return Interlocked.CompareExchange(ref _source, source, null) ?? source;
    }

    private void ForgetCancellation() => Volatile.Write(ref _source, null);
}
