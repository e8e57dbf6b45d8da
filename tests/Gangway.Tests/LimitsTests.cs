// SPDX-License-Identifier: MIT

using System.Diagnostics.Tracing;
using System.Net.Sockets;

namespace Gangway.Tests;

/// <summary>Limits of a listener: below, at and above; and clients that do not get through the handshake.</summary>
public sealed class LimitsTests
{
    [Fact]
    public void MaxConnections_BelowAtAndAbove_RefusesOnlyTheNewcomer()
    {
        using var events = new EventLog();
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { MaxConnections = 2 });
        using Endpoint first = Connect(address);
        Endpoint second = Connect(address);
        for (int i = 1; i <= 5; i++)
        {
            GangwayException error = Assert.Throws<GangwayException>(() => Connect(address));
            Assert.Equal(ConnectError.Overloaded, error.Error);
            Assert.Contains("all 2 connections are in use", error.Message, StringComparison.Ordinal);
            Assert.Equal(i, listener.Statistics.Refused);
        }

        Assert.Contains("Overloaded", listener.Statistics.LastRefusal, StringComparison.Ordinal);
        Assert.Equal(EventLevel.Warning, events.MustContain("Refused", "all 2 connections").Level);
        Assert.True(Watchdog.Run(() => first.Call(1, [], [])).IsOk);
        Watchdog.Run(second.Dispose);
        Watchdog.Until(() => listener.Statistics.Connected == 1, "the second connection's end");
        using Endpoint third = Connect(address);
        Assert.True(Watchdog.Run(() => third.Call(1, [], [])).IsOk);
        Assert.Equal(3, listener.Statistics.Accepted);
    }

    [Fact]
    [Rule("SH-06")]
    public void MaxHandshakes_BelowAtAndAbove_RefusesOnlyTheNewcomer()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { MaxHandshakes = 3 });
        using Endpoint connected = Connect(address);
        using Socket silent = RawSocket.Connect(address), other = RawSocket.Connect(address);
        Watchdog.Until(() => listener.Statistics.Handshaking == 2, "two silent clients");
        using (Connect(address))
        {
        }

        using (RawSocket.Connect(address))
        {
            Watchdog.Until(() => listener.Statistics.Handshaking == 3, "three silent clients");
            GangwayException error = Assert.Throws<GangwayException>(() => Connect(address));
            Assert.Equal(ConnectError.Overloaded, error.Error);
            Assert.Contains("3 handshakes are under way", error.Message, StringComparison.Ordinal);
            Assert.True(Watchdog.Run(() => connected.Call(1, [], [])).IsOk);
        }

        Watchdog.Until(() => listener.Statistics is { Handshaking: 2, Abandoned: 1 }, "one that gave up");
        using (Connect(address))
        {
        }
    }

    [Fact]
    public void Client_ThatKeepsSilent_IsRefusedInTimeAndHoldsNobody()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(
            address, ScriptedHandler.Echo(), new ListenerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        using Socket silent = RawSocket.Connect(address);
        using Endpoint quick = Connect(address);
        Assert.Equal(9u, RawSocket.RejectCode(RawSocket.Receive(silent)));
        Assert.Equal(0u, RawSocket.Receive(silent).Type);
        Watchdog.Until(() => listener.Statistics is { Refused: 1, Handshaking: 0 }, "the refusal");
        Assert.Contains("TimedOut", listener.Statistics.LastRefusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 8, 1u)] // No such type.
    [InlineData(1u, 111, 1u)] // Too short for a Hello.
    [InlineData(1u, 112, 1u)] // A Hello without its magic.
    [InlineData(3u, 8, 1u)] // Ready instead of Hello.
    [InlineData(5u, 8, 1u)] // Up instead of Hello.
    [InlineData(1u, 5000, 1u)] // Longer than any packet.
    [Rule("SE-05")]
    public void Client_WithABadFirstPacket_IsRefusedAndNothingStays(uint type, int bytes, uint code)
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { FaultPenalty = TimeSpan.Zero });
        using (Connect(address))
        {
        }

        Watchdog.Until(() => listener.Statistics.Connected == 0, "the first connection's end");
        Assert.Equal(0, listener.Statistics.Refused);
        ProcessAccounting before = ProcessAccounting.Take();
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = RawSocket.Connect(address);
            socket.Send(RawSocket.Packet(type, bytes));
            Assert.Equal(code, RawSocket.RejectCode(RawSocket.Receive(socket)));
        }

        Watchdog.Until(() => listener.Statistics is { Refused: 20, Handshaking: 0 }, "the refusals");
        before.AssertNothingLeft();
        using Endpoint good = Connect(address);
        Assert.True(Watchdog.Run(() => good.Call(1, [], [])).IsOk);
    }

    [Fact]
    public void Listener_DisposedUnderHandshakes_TellsThemWhy()
    {
        string address = TestDirectory.NextAddress();
        Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using Socket silent = RawSocket.Connect(address);
        Watchdog.Until(() => listener.Statistics.Handshaking == 1, "the silent client");
        Watchdog.Run(listener.Dispose);
        Assert.Equal(7u, RawSocket.RejectCode(RawSocket.Receive(silent)));
        Assert.Equal(0, listener.Statistics.Handshaking);
    }

    private static Endpoint Connect(string address) => Watchdog.Run(() => Domain.Connect(address));
}
