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

    private static readonly TimeSpan s_penalty = TimeSpan.FromMilliseconds(250);

    private readonly Penalties _penalties = new(s_penalty);

    [Fact]
    [Rule("SE-03")]
    public void Fault_HoldsItsProcess_AndNoOther()
    {
        _penalties.Ended(Who(7, process: 1), brokeProtocol: true, Now);
        Assert.Equal(Now + (250 * Millisecond), _penalties.HeldUntil(Who(7, process: 1)));
        Assert.InRange(_penalties.HeldUntil(Who(7, process: 2)), long.MinValue, Now);
        Assert.InRange(_penalties.HeldUntil(Who(8, process: 3)), long.MinValue, Now);
    }

    [Fact]
    [Rule("SE-03")]
    public void Fault_AgainAndAgain_HoldsLonger_ASecondAtMost()
    {
        long now = Now;
        var waits = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            _penalties.Ended(Who(7, process: 1), brokeProtocol: true, now);
            long until = _penalties.HeldUntil(Who(7, process: 1));
            waits.Add((until - now) / Millisecond);
            now = until;
        }

        Assert.Equal([250, 750, 750, 750, 750], waits); // What it waits for pays the fault, and not the grace.
        _penalties.Ended(Who(7, process: 1), brokeProtocol: true, now - (700 * Millisecond));
        _penalties.Ended(Who(7, process: 1), brokeProtocol: true, now - (700 * Millisecond));
        Assert.Equal(1000 - 700, (_penalties.HeldUntil(Who(7, process: 1)) - now) / Millisecond);
    }

    [Fact]
    [Rule("SE-03")]
    public void ComingAndGoing_AThousandTimesASecond_IsFree()
    {
        PeerIdentity who = Who(7, process: 1);
        for (int i = 0; i < 10_000; i++)
        {
            long now = Now + (i * Millisecond);
            _penalties.Ended(who, brokeProtocol: false, now);
            Assert.InRange(_penalties.HeldUntil(who), long.MinValue, now);
        }

        long end = Now + (10 * Second);
        for (int i = 0; i < 600; i++)
            _penalties.Ended(who, brokeProtocol: false, end);
        Assert.InRange(_penalties.HeldUntil(who), end + (99 * Millisecond), end + (101 * Millisecond));
    }

    [Fact]
    [Rule("SE-03")]
    public void Faults_OfOneProcessEach_HoldTheirUser_AndNoOther()
    {
        for (uint i = 0; i < 100; i++)
            _penalties.Ended(Who(7, process: 100 + i), brokeProtocol: true, Now);
        Assert.Equal(Now + Second, _penalties.HeldUntil(Who(7, process: 1)));
        Assert.InRange(_penalties.HeldUntil(Who(8, process: 2)), long.MinValue, Now);
    }

    [Fact]
    [Rule("SE-03")]
    public void WhatIsOwed_IsForgotten()
    {
        for (int i = 0; i < 100_000; i++)
            _penalties.Ended(Who((uint)i, process: (uint)i), brokeProtocol: true, Now + (i * Millisecond));
        Assert.InRange(_penalties.Count, 2, 2 * (1500 + 256)); // Ends of a grace and a longest wait, and of a sweep.
    }

    [Fact]
    [Rule("SE-03")]
    public void Zero_HoldsNobody()
    {
        var none = new Penalties(TimeSpan.Zero);
        for (int i = 0; i < 10_000; i++)
            none.Ended(Who(7, process: 1), brokeProtocol: true, Now);
        Assert.InRange(none.HeldUntil(Who(7, process: 1)), long.MinValue, 0);
        Assert.Equal(0, none.Count);
    }

    [Fact]
    [Rule("SE-03")]
    public void HandshakeAfterAFault_IsHeld_WhileConnectionsGoOn()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { FaultPenalty = s_penalty });
        Break(pair);
        long broken = Stopwatch.GetTimestamp();
        Assert.Equal(0, pair.Listener.Statistics.Held);

        using Socket held = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics is { Held: 1, Handshaking: 1 }, "the held one");
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);

        // A well-behaved connection of the same process waits as well: who is meant is the process.
        using Endpoint late = Watchdog.Run(() => Domain.Connect(pair.Client.Address.Text));
        Assert.InRange(Stopwatch.GetElapsedTime(broken).TotalMilliseconds, 200, Watchdog.Bound.TotalMilliseconds);
        Assert.True(Watchdog.Run(() => late.Call(1, [], [])).IsOk);
        Assert.Equal(2, pair.Listener.Statistics.Held);
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

        using Socket last = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics.Held == 2, "the next held one");
        pair.Listener.Dispose();
        Assert.Equal(1, pair.Listener.Statistics.Refusals.Closing);
        Assert.Equal(default, pair.Listener.Statistics.Charged);
    }

    /// <summary>Breaks the handshake's protocol once, which the client of the pair has nothing to do with.</summary>
    private static void Break(Pair pair)
    {
        using Socket broken = RawSocket.Connect(pair.Client.Address.Text);
        broken.Send(new byte[40]);
        Watchdog.Until(() => pair.Listener.Statistics.Refusals.Broken == 1, "the refusal of nonsense");
    }

    private static PeerIdentity Who(uint user, ulong process) => new(user, user, (int)process, process);
}
