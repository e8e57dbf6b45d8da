// SPDX-License-Identifier: MIT

namespace Gangway;

// The ends of many sources at once, a few in each turn.
internal sealed partial class Reactor
{
    // Design:
    //
    // An end costs some ten system calls, and one death, or one revoke, may end thousands of sources. So those whose peer is
    // gone, and those that somebody asks for, queue, and each turn ends a few; the others are served in between. A queued
    // source is as it was until its turn comes. The loop does not sleep while the queue has any. What ends at once: a source
    // that is caught lying, which is one at a time, and everything when the loop stops.

    /// <summary>The most queued ends in one turn: 160 to 320 us, at 20 to 40 us each.</summary>
    internal const int EndsPerTurn = 8;

    private readonly Queue<(ReactorSource Source, DisconnectReason Reason)> _ends = new();

    /// <summary>Ends a source in one of the next turns, behind those that were queued before. The first reason stands.</summary>
    private void EndInTurn(ReactorSource source, DisconnectReason reason)
    {
        if (source.IsEndQueued)
            return;
        if (_table.Find(source.Token) != source)
        {
            EndNeeds(source);
            return;
        }

        source.IsEndQueued = true;
        _ends.Enqueue((source, reason));
    }

    private void EndAllInTurn(WatchedProcess process)
    {
        // Its descriptor stays readable until the last of them has ended.
        if (process.IsGone)
            return;
        process.IsGone = true;
        foreach (ReactorSource source in process.Sources)
            EndInTurn(source, DisconnectReason.PeerGone);
    }

    private void RunEnds(int most)
    {
        for (; most > 0 && _ends.TryDequeue(out (ReactorSource Source, DisconnectReason Reason) end); most--)
        {
            end.Source.IsEndQueued = false;
            EndNow(end.Source, end.Reason);

            // A source that is not ready ends in a later turn, and the need with it.
            if (_table.Find(end.Source.Token) != end.Source)
                EndNeeds(end.Source);
        }
    }
}
