// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net.Sockets;
using Gangway.Testing;
using Gangway.Transports;
using Xunit;

namespace Gangway.Tests;

/// <summary>A process that breaks the protocol, or comes and goes too often, waits; its neighbours do not.</summary>
public sealed class PenaltiesTests
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1000 * Millisecond;
    private const long Now = 5 * Second;

    private readonly Penalties _penalties = new(TimeSpan.FromMilliseconds(250));

    [Fact]
    [Rule("SE-03")]
    public void Fault_HoldsItsProcess_AndNoOther()
    {
        _penalties.Ended(Who(7, process: 1), brokeProtocol: true, livedNs: 0, Now);
        Assert.Equal(Now + (250 * Millisecond), _penalties.HeldUntil(Who(7, process: 1), Now));
        Assert.Equal(Now, _penalties.HeldUntil(Who(7, process: 2), Now));
        Assert.Equal(Now, _penalties.HeldUntil(Who(8, process: 3), Now));
    }

    [Fact]
    [Rule("SE-03")]
    public void Fault_AgainAndAgain_HoldsLonger_ASecondAtMost()
    {
        long now = Now;
        var waits = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            _penalties.Ended(Who(7, process: 1), brokeProtocol: true, livedNs: 0, now);
            long until = _penalties.HeldUntil(Who(7, process: 1), now);
            waits.Add((until - now) / Millisecond);
            now = until;
        }

        Assert.Equal([250, 750, 750, 750, 750], waits); // What it waits for pays the fault, and not the grace.

        // Many at once are all paid for, in waits of a second.
        for (int i = 0; i < 10; i++)
            _penalties.Ended(Who(7, process: 1), brokeProtocol: true, livedNs: 0, now);
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(now + Second, _penalties.HeldUntil(Who(7, process: 1), now));
            now += Second;
        }

        now += Second;
        Assert.Equal(now, _penalties.HeldUntil(Who(7, process: 1), now));
    }

    [Fact]
    [Rule("SE-03")]
    public void ComingAndGoing_AThousandTimesASecond_IsFree()
    {
        PeerIdentity who = Who(7, process: 1);
        for (int i = 0; i < 10_000; i++)
        {
            long now = Now + (i * Millisecond);
            _penalties.Ended(who, brokeProtocol: false, livedNs: 0, now);
            Assert.Equal(now, _penalties.HeldUntil(who, now));
        }

        long end = Now + (10 * Second);
        for (int i = 0; i < 600; i++)
            _penalties.Ended(who, brokeProtocol: false, livedNs: 0, end);
        Assert.InRange(_penalties.HeldUntil(who, end), end + (99 * Millisecond), end + (101 * Millisecond));
    }

    [Fact]
    [Rule("SE-03")]
    public void EndOfALongConnection_IsFree()
    {
        for (int i = 0; i < 10_000; i++)
            _penalties.Ended(Who(7, process: 1), brokeProtocol: false, livedNs: Second, Now);
        Assert.Equal(Now, _penalties.HeldUntil(Who(7, process: 1), Now));
    }

    [Fact]
    [Rule("SE-03")]
    public void Faults_OfOneProcess_HoldItsUserNotLong()
    {
        for (int i = 0; i < 1000; i++)
            _penalties.Ended(Who(7, process: 1), brokeProtocol: true, livedNs: 0, Now);
        Assert.Equal(Now + Second, _penalties.HeldUntil(Who(7, process: 1), Now));
        Assert.Equal(Now, _penalties.HeldUntil(Who(7, process: 2), Now));
    }

    [Fact]
    [Rule("SE-03")]
    public void Faults_OfOneProcessEach_HoldTheirUser_AndNoOther()
    {
        for (uint i = 0; i < 100; i++)
            _penalties.Ended(Who(7, process: 100 + i), brokeProtocol: true, livedNs: 0, Now);
        Assert.Equal(Now + Second, _penalties.HeldUntil(Who(7, process: 1), Now));
        Assert.Equal(Now, _penalties.HeldUntil(Who(8, process: 2), Now));
    }

    [Fact]
    [Rule("SE-03")]
    public void WhatIsOwed_IsForgotten()
    {
        for (int i = 0; i < 100_000; i++)
            _penalties.Ended(Who((uint)i, process: (uint)i), brokeProtocol: true, livedNs: 0, Now + (i * Millisecond));
        Assert.InRange(_penalties.Count, 2, 2 * (1500 + 256)); // Ends of a grace and a longest wait, and of a sweep.
    }

    [Fact]
    [Rule("SE-03")]
    public void Zero_HoldsNobody()
    {
        var none = new Penalties(TimeSpan.Zero);
        for (int i = 0; i < 10_000; i++)
            none.Ended(Who(7, process: 1), brokeProtocol: true, livedNs: 0, Now);
        Assert.Equal(Now, none.HeldUntil(Who(7, process: 1), Now));
        Assert.Equal(0, none.Count);
    }

    [Fact]
    [Rule("SE-03")]
    public void HandshakeAfterAFault_IsHeld_WhileConnectionsGoOn()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { FaultPenalty = TimeSpan.FromSeconds(1) });
        long start = Stopwatch.GetTimestamp();
        Break(pair);
        Assert.Equal(0, pair.Listener.Statistics.Held);

        using Socket held = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics is { Held: 1, Handshaking: 1 }, "the held one");
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);

        // A well-behaved connection of the same process waits as well: who is meant is the process.
        using Endpoint late = Watchdog.Run(() => Domain.Connect(pair.Client.Address.Text));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1000, Watchdog.Bound.TotalMilliseconds);
        Assert.True(Watchdog.Run(() => late.Call(1, [], [])).IsOk);
        Assert.Equal(2, pair.Listener.Statistics.Held);
    }

    [Fact]
    [Rule("SE-03")]
    public void HeldHandshakes_AreFewOfAProcess_AndTakeNobodysPlace()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions
        {
            FaultPenalty = TimeSpan.FromSeconds(1),
            MaxHandshakes = 1,
        });
        Break(pair);
        ListenerCharges before = pair.Listener.Statistics.Charged;
        using Socket one = RawSocket.Connect(pair.Client.Address.Text);
        using Socket two = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics.Held == 2, "two held ones");
        Assert.Equal(before, pair.Listener.Statistics.Charged);
        using Socket three = RawSocket.Connect(pair.Client.Address.Text);
        Assert.Equal((uint)RejectCode.Overloaded, RawSocket.RejectCode(RawSocket.Receive(three)));
        Assert.Equal(1, pair.Listener.Statistics.Refusals.Overloaded);
    }

    [Fact]
    [Rule("SE-03")]
    public void HeldHandshake_ThatHangsUp_LeavesNothing()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { FaultPenalty = TimeSpan.FromSeconds(1) });
        Break(pair);
        Watchdog.Until(() => pair.Listener.Statistics.Charged.Connections == 1, "the end of the broken one's charge");
        ListenerCharges before = pair.Listener.Statistics.Charged;
        for (int i = 1; i <= 20; i++)
        {
            using (RawSocket.Connect(pair.Client.Address.Text))
                Watchdog.Until(() => pair.Listener.Statistics.Held == i, "the held one");
            Watchdog.Until(() => pair.Listener.Statistics.Handshaking == 0, "its end");
        }

        Assert.Equal((before, 20), (pair.Listener.Statistics.Charged, pair.Listener.Statistics.Abandoned));
    }

    [Fact]
    [Rule("SE-03")]
    public void HeldHandshake_IsRevoked_AndEndsWithTheListener()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { FaultPenalty = TimeSpan.FromSeconds(1) });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        PeerIdentity me = pair.Server.Peer!;
        Break(pair);
        using Socket revoked = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics.Held == 1, "the held one");
        Assert.Equal(1, pair.Listener.Revoke(me)); // The connection; handshakes do not count.
        Watchdog.Until(() => pair.Listener.Statistics is { Handshaking: 0, Refusals.NotPermitted: 1 }, "its refusal");

        Break(pair, 2); // It is held first, as everything of this process.
        using Socket last = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics.Held == 3, "the last held one");
        pair.Listener.Dispose();
        Assert.Equal(1, pair.Listener.Statistics.Refusals.Closing);
        Assert.Equal(default, pair.Listener.Statistics.Charged);
    }

    /// <summary>Breaks the handshake's protocol once more, which the client of the pair has nothing to do with.</summary>
    private static void Break(Pair pair, int times = 1)
    {
        using Socket broken = RawSocket.Connect(pair.Client.Address.Text);
        broken.Send(new byte[40]);
        Watchdog.Until(() => pair.Listener.Statistics.Refusals.Broken == times, "the refusal of nonsense");
    }

    private static PeerIdentity Who(uint user, ulong process) => new(user, user, (int)process, process);
}
