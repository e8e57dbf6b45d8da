// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway;

/// <summary>Something that a reactor polls while it is hot, and sleeps on while it is not.</summary>
/// <remarks><b>Threads:</b> all members but <see cref="Reactor.Attend"/>'s flag belong to the reactor's thread.</remarks>
internal abstract class ReactorSource
{
    /// <summary>How long this source lets the reactor wait between two bursts of work.</summary>
    internal WaitHistory Waits;

    /// <summary>Not zero while it is queued for attention.</summary>
    internal int AttentionAsked;

    /// <summary>Whether it is on the list of those whose bell is tried again. The loop's.</summary>
    internal bool OwesBell { get; set; }

    /// <summary>The descriptor that carries the peer's bell and its death.</summary>
    internal abstract SafeHandle Descriptor { get; }

    /// <summary>The peer's process: its end ends the source, also if a child holds the descriptor.</summary>
    internal abstract PidFd PeerProcess { get; }

    /// <summary>The key of that process, the same for all its connections.</summary>
    internal abstract ulong PeerProcessKey { get; }

    /// <summary>Whether the reactor may poll or yield for this source before it parks it.</summary>
    internal abstract bool MayPoll { get; }

    /// <summary>The processor that the peer last ran on, or -1. A hint.</summary>
    internal abstract int PeerCpu { get; }

    /// <summary>Why the source must be ended by its reactor; <see cref="DisconnectReason.None"/> if it need not.</summary>
    internal abstract DisconnectReason EndReason { get; }

    /// <summary>Place in the reactor's table, and number of its use.</summary>
    internal ReactorToken Token { get; set; }

    /// <summary>Whether it ends in one of the next turns. The loop's.</summary>
    internal bool IsEndQueued { get; set; }

    /// <summary>How many wait for its end, and need the loop until then. The loop's.</summary>
    internal int Needs { get; set; }

    /// <summary>Whether the reactor polls it.</summary>
    internal bool IsHot { get; set; }

    /// <summary>Since when polling has found nothing; 0 if it just found something.</summary>
    internal long IdleSince { get; set; }

    /// <summary>When it was last parked.</summary>
    internal long ParkedAt { get; set; }

    /// <summary>How many lines of shared memory a poll looks at to find out whether there is work.</summary>
    internal abstract int LinesPerPoll { get; }

    /// <summary>Does what there is to do, up to a budget.</summary>
    /// <returns>How much was done; less than zero when a handler cost this thread the loop.</returns>
    internal abstract int Poll(int budget);

    /// <summary>This thread has the loop from now on; the one before may have left in the middle of this source's poll.</summary>
    /// <param name="kept">What that one's handler had kept back until then (<see cref="ThreadRole.Kept"/>).</param>
    internal abstract void OnLoopTaken(ulong kept);

    /// <summary>Announces sleep and looks once more.</summary>
    /// <returns>False when there is work: it stays hot.</returns>
    internal abstract bool TryPark();

    /// <summary>The peer rang, or may have: takes the announcement back and empties the descriptor.</summary>
    /// <returns>False when what came is not a bell; <see cref="EndReason"/> says so.</returns>
    internal abstract bool Wake();

    /// <summary>Tells the peer where this reactor runs, if that changed.</summary>
    internal abstract void PublishCpu(int cpu);

    /// <summary>Somebody asked for attention: does what was asked.</summary>
    /// <returns>True when a bell could not be rung for lack of memory, and must be tried again.</returns>
    internal abstract bool Attend();

    /// <summary>Prepares the end, which then cannot be taken back.</summary>
    /// <returns>False while a thread is in the middle of something that must be finished first: it asks for attention then.</returns>
    internal abstract bool IsReadyToEnd(DisconnectReason reason);

    /// <summary>Ends it: everything outstanding completes. Called once, and nothing afterwards.</summary>
    internal abstract void End(DisconnectReason reason);
}
