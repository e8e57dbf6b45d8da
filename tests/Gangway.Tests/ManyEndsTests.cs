// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Tests;

/// <summary>Many connections that end at once leave turns to the others.</summary>
public sealed class ManyEndsTests
{
    private const int Many = 100;

    public enum Cause
    {
        Asked,
        HungUp,
        ProcessEnded,
    }

    [Theory]
    [InlineData(Cause.Asked)]
    [InlineData(Cause.HungUp)]
    [InlineData(Cause.ProcessEnded)]
    [Rule("EV-23")]
    public void Ends_OfMany_LeaveTurnsToTheOthers(Cause cause)
    {
        using var peer = Process.Start("sleep", "1000");
        var reactor = new Reactor("gangway-test");
        var busy = new CountingSource(Environment.ProcessId, staysHot: true);
        var order = new List<CountingSource>();
        var endedAt = new List<long>();
        CountingSource[] many = [.. Enumerable.Range(0, Many).Select(_ => new CountingSource(peer.Id)
        {
            Ended = (source, reason) =>
            {
                Assert.Equal(cause == Cause.Asked ? DisconnectReason.Revoked : DisconnectReason.PeerGone, reason);
                lock (order)
                {
                    order.Add(source);
                    endedAt.Add(busy.Polls);
                }
            },
        })];
        try
        {
            reactor.Add(busy);
            foreach (CountingSource source in many)
                reactor.Add(source);
            long polls = busy.Polls;
            Watchdog.Until(() => many.All(static source => source.Polls != 0) && busy.Polls > polls, "all to be polled");

            // On the loop's thread, so that its next look finds all of it.
            reactor.Post(() => End(cause, reactor, many, peer));
            Watchdog.Until(() => { lock (order) return order.Count == Many; }, "all ends");
        }
        finally
        {
            peer.Kill();
            Watchdog.Run(() => reactor.Stop(DisconnectReason.ListenerClosed));
        }

        Assert.All(endedAt.GroupBy(static turn => turn), static turn => Assert.InRange(turn.Count(), 1, Reactor.EndsPerTurn));
        if (cause != Cause.HungUp) // In which order the kernel tells is its own.
            Assert.Equal(many, order);
    }

    // Nothing is hot and nobody asks again: what is queued keeps the loop, or its port's poller, from sleeping.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ends_OfManyThatSleep_AllCome(bool atPort)
    {
        using EventPort port = new();
        Reactor reactor = atPort ? port.Loop : new Reactor("gangway-test");
        using PortWaiter? waiter = atPort ? new PortWaiter(port) : null;
        int ended = 0;
        CountingSource[] many = [.. Enumerable.Range(0, Many).Select(_ => new CountingSource(Environment.ProcessId)
        {
            Ended = (_, _) => Interlocked.Increment(ref ended),
        })];
        foreach (CountingSource source in many)
            reactor.Add(source);
        Watchdog.Until(() => many.All(static source => source.Polls != 0 && !source.IsHot), "all to be parked");
        reactor.Post(() => End(Cause.Asked, reactor, many, null));
        Watchdog.Until(() => Volatile.Read(ref ended) == Many, "all ends");
        if (!atPort)
            Watchdog.Run(() => reactor.Stop(DisconnectReason.ListenerClosed));
    }

    [Fact]
    public void Stop_BehindQueuedEnds_KeepsTheirReasons()
    {
        var reactor = new Reactor("gangway-test");
        var reasons = new List<DisconnectReason>();
        CountingSource[] many = [.. Enumerable.Range(0, Many).Select(_ => new CountingSource(Environment.ProcessId)
        {
            Ended = (_, reason) => reasons.Add(reason),
        })];
        foreach (CountingSource source in many)
            reactor.Add(source);

        // In one stretch of the loop: all of them are queued when it is told to stop.
        Gate queued = new();
        reactor.Post(() =>
        {
            End(Cause.Asked, reactor, many, null);
            reactor.Post(() => Insides.Invoke(reactor, "StopNow", DisconnectReason.ListenerClosed));
            queued.Open();
        });
        queued.MustOpen("the ends to be asked for");
        Watchdog.Run(() => reactor.Stop(DisconnectReason.ListenerClosed));
        Assert.Equal(Enumerable.Repeat(DisconnectReason.Revoked, Many), reasons);
    }

    private static void End(Cause cause, Reactor reactor, CountingSource[] many, Process? peer)
    {
        if (cause == Cause.ProcessEnded)
        {
            peer!.Kill();
            peer.WaitForExit();
            return;
        }

        foreach (CountingSource source in many)
        {
            if (cause == Cause.Asked)
                reactor.End(source, DisconnectReason.Revoked);
            else
                source.HangUp();
        }
    }
}
