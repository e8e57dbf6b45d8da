// SPDX-License-Identifier: MIT

using System.Reflection;
using System.Runtime.InteropServices;
using Gangway.Platform;
using static Gangway.Separation;

namespace Gangway.Tests;

/// <summary>Who tells <see cref="Separation"/> of a wait beside its peer: callers and the clients' reactor, nobody else.</summary>
public sealed class SharedWaitTests
{
    private static readonly FieldInfo s_waits =
        typeof(Separation).GetField("t_waits", BindingFlags.Static | BindingFlags.NonPublic)!;

    [Fact]
    public void Ladder_OnThePeersProcessor_NotesTheWait()
    {
        // The kernel may move this thread between the two looks at its processor.
        Watchdog.Until(() => NotesIn(static () => new Ladder(mayPoll: true).TryClimb(Scheduler.CurrentCpu())), "a wait that is noted");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void Ladder_ElsewhereThanThePeer_NotesNothing(int peerCpu) =>
        Assert.False(NotesIn(() => new Ladder(mayPoll: true).TryClimb(peerCpu)));

    [Fact]
    public void ClientsReactor_OnThePeersProcessor_NotesTheWait()
    {
        var source = new NeighbourSource();
        Reactor.Clients.Add(source);
        try
        {
            Watchdog.Until(() => source.Noted, "a wait that is noted");
        }
        finally
        {
            Reactor.Clients.End(source, DisconnectReason.Closed);
            source.Ended.MustOpen("the source's end");
        }
    }

    // If both sides left, they would meet again.
    [Fact]
    public void ListenersReactor_OnThePeersProcessor_NotesNothing()
    {
        var source = new NeighbourSource();
        var reactor = new Reactor("gangway-test");
        reactor.Add(source);
        Watchdog.Until(() => source.Waits100, "a hundred waits");
        reactor.Stop(DisconnectReason.ListenerClosed);
        Assert.True(source.Ended.IsOpen);
        Assert.False(source.Noted);
    }

    private static bool NotesIn(Action wait)
    {
        Prime();
        wait();
        return WasNoted();
    }

    /// <summary>Makes the next wait of this thread the one after which it leaves, whatever the time.</summary>
    private static void Prime()
    {
        var waits = new SharedWaits();
        for (int i = 1; i < 2 * SharedWaits.Most; i++)
            waits.Note(long.MaxValue);
        s_waits.SetValue(null, waits);
    }

    private static bool WasNoted()
    {
        object waits = s_waits.GetValue(null)!;
        s_waits.SetValue(null, new SharedWaits());
        return (int)Insides.Field(waits, "_waits") == 0 && (long)Insides.Field(waits, "_leftAt") != 0;
    }

    /// <summary>A source that never has work, and whose peer is always where its reactor is.</summary>
    private sealed class NeighbourSource : ReactorSource
    {
        private readonly EventFd _descriptor;
        private readonly PidFd _process;
        private int _cpu = -1;
        private int _waits;
        private bool _isPrimed;
        private bool _noted;

        internal NeighbourSource()
        {
            Assert.Equal(Errno.None, EventFd.Create(out EventFd? descriptor));
            _descriptor = descriptor!;
            Assert.Equal(Errno.None, PidFd.Open(Environment.ProcessId, out PidFd? process));
            _process = process!;
            Assert.Equal(Errno.None, _process.GetInode(out ulong key));
            PeerProcessKey = key;
        }

        internal bool Noted => Volatile.Read(ref _noted);

        internal bool Waits100 => Volatile.Read(ref _waits) >= 100;

        internal Gate Ended { get; } = new();

        internal override SafeHandle Descriptor => _descriptor;

        internal override PidFd PeerProcess => _process;

        internal override ulong PeerProcessKey { get; }

        internal override bool MayPoll => false;

        internal override int PeerCpu => _cpu;

        internal override DisconnectReason EndReason => DisconnectReason.None;

        internal override int LinesPerPoll => 0;

        internal override int Poll(int budget)
        {
            if (_isPrimed && WasNoted())
                Volatile.Write(ref _noted, true);
            _isPrimed = false;
            return 0;
        }

        internal override void OnLoopTaken(ulong kept) => _isPrimed = false;

        // Each wait is a new one.
        internal override bool TryPark() => false;

        internal override bool Wake() => true;

        // The loop says where it is, and looks at once where its peer is.
        internal override void PublishCpu(int cpu)
        {
            _cpu = cpu;
            Prime();
            _isPrimed = true;
            Volatile.Write(ref _waits, _waits + 1);
        }

        internal override bool Attend() => false;

        internal override bool IsReadyToEnd(DisconnectReason reason) => true;

        internal override void End(DisconnectReason reason)
        {
            s_waits.SetValue(null, new SharedWaits());
            _descriptor.Dispose();
            Ended.Open();
        }
    }
}
