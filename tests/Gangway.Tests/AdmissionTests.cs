// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>What a listener and a connecting side refuse before they make anything; revoking; hardening.</summary>
public sealed class AdmissionTests
{
    private const long ConnectionBytes = ConnectionCost.Bytes;

    [Fact]
    [Rule("SE-03")]
    public void MaxConnectionsPerUser_Above_IsRefusedWithTheOptionsName()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { MaxConnectionsPerUser = 1 });
        GangwayException error = Assert.Throws<GangwayException>(() => Connect(pair));
        Assert.Equal(ConnectError.Overloaded, error.Error);
        Assert.Contains("1 of 1 connections (ListenerOptions.MaxConnectionsPerUser)", error.Message, StringComparison.Ordinal);
        Assert.Equal(new ListenerRefusals { Overloaded = 1 }, pair.Listener.Statistics.Refusals);
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.Equal(new ListenerCharges(1, ConnectionBytes, 0, 2, 2, 0), pair.Listener.Statistics.Charged);
    }

    [Fact]
    [Rule("SE-05")]
    public void Refusals_OfEachKind_AreCountedApart()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(300) });
        byte[] wrongVersion = Hello.Write(1);
        wrongVersion[16] = 9;
        wrongVersion[18] = 9;
        foreach (byte[] packet in new[] { RawSocket.Packet(3, 8), wrongVersion })
        {
            using Socket socket = RawSocket.Connect(address);
            socket.Send(packet);
            RawSocket.Receive(socket);
        }

        using Socket silent = RawSocket.Connect(address);
        RawSocket.Receive(silent);
        Assert.Equal(new ListenerRefusals { Broken = 1, Incompatible = 1, TimedOut = 1 }, listener.Statistics.Refusals);
        Assert.Equal(3, listener.Statistics.Refused);
        Watchdog.Until(() => listener.Statistics.Charged == default, "charges of handshakes");
    }

    [Fact]
    [Rule("SH-07")]
    public void Client_ThatLeavesAHandshakeWithItsMemory_StaysChargedUnlessItSaysUnmapped()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        foreach (bool saysSo in new[] { true, false, true })
        {
            long kept = listener.Statistics.Charged.KeptBytes;
            using (Socket socket = RawSocket.Connect(address))
            {
                socket.Send(Hello.Write(1));
                Assert.Equal((uint)PacketType.Welcome, RawSocket.Receive(socket).Type);
                if (saysSo)
                    socket.Send(HandshakePacket.Plain(PacketType.Unmapped));
            }

            Watchdog.Until(() => listener.Statistics.Handshaking == 0, "the handshake's end");
            Watchdog.Until(() => listener.Statistics.Charged.KeptBytes == kept + (saysSo ? 0 : ConnectionBytes), "what is kept");
        }

        Watchdog.Until(() => listener.Statistics.Charged == new ListenerCharges(0, ConnectionBytes, ConnectionBytes, 0, 1, 0), "the watch");
        Assert.Equal(3, listener.Statistics.Abandoned);
    }

    // The bells are read one a turn, and the hang-up comes with the first: the word behind them is found all the same.
    [Fact]
    [Rule("SH-07")]
    public void LastWord_BehindBells_IsFound()
    {
        using var busy = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Message = (_, _) =>
            {
                busy.Set();
                leave.Wait(Watchdog.Bound);
            },
        });
        Assert.Equal(Status.Ok, pair.Client.Send(1, []));
        Assert.True(busy.Wait(Watchdog.Bound));
        for (int i = 0; i < 20; i++)
            Insides.SendPacket(pair.Client, [0]);
        Watchdog.Run(pair.Client.Dispose);
        leave.Set();
        Watchdog.Until(() => pair.Listener.Statistics.Connected == 0, "the end");
        Watchdog.Until(() => pair.Listener.Statistics.Charged == default, "the last word");
    }

    [Fact]
    [Rule("SH-05")]
    public void Unmapped_SentToTheConnectingSide_IsAPeerFault()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo());
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Insides.SendPacket(pair.Server, HandshakePacket.Plain(PacketType.Unmapped));
        Watchdog.Until(() => pair.Client.DisconnectReason == DisconnectReason.PeerFault, "the fault");
    }

    [Fact]
    [Rule("SE-03")]
    public void Mappings_AtTheProcesssLimit_AreRefusedOnBothSidesBeforeTheyAreMade()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo());
        long limit = MappingBudget.Limit, refused = pair.Listener.Statistics.Refused;
        try
        {
            // The pair has four; what other tests have left is unmapped when the collector comes to it.
            MappingBudget.Limit = 1;
            GangwayException error = Assert.Throws<GangwayException>(() => Connect(pair));
            Assert.Equal(ConnectError.Overloaded, error.Error);
            Assert.Contains("vm.max_map_count", error.Message, StringComparison.Ordinal);
            Assert.Equal(refused, pair.Listener.Statistics.Refused); // It did not even ask.

            // And the listener: a client that does not map itself is told.
            using Socket socket = RawSocket.Connect(pair.Client.Address.Text);
            Assert.Equal((uint)RejectCode.Overloaded, RawSocket.RejectCode(RawSocket.Receive(socket)));
            Assert.Contains("vm.max_map_count", pair.Listener.Statistics.LastRefusal, StringComparison.Ordinal);
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        }
        finally
        {
            MappingBudget.Limit = limit;
        }

        Connect(pair).Dispose();
    }

    [Fact]
    public void Mappings_OfManyConnections_AreAllGivenBack()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo());
        Settle();
        long before = MappingBudget.Used;
        for (int i = 0; i < 50; i++)
            Connect(pair).Dispose();
        Watchdog.Until(() => pair.Listener.Statistics.Connected == 1, "the connections' ends");

        // The last ones may still be on some thread's stack; what is not there is unmapped, and counted so.
        Watchdog.Until(() =>
        {
            Settle();
            return MappingBudget.Used <= before + 8;
        }, "mappings of connections that ended");
    }

    [Fact]
    [Rule("SE-03")]
    public void Revoke_ByIdentity_EndsBothSidesWithTheReason()
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (transaction.Operation == 2)
                    entered.Set();
                else
                    transaction.Complete(Status.Ok);
            },
        });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Endpoint server = pair.Server;
        PeerIdentity me = server.Peer!;
        Assert.Equal(0, pair.Listener.Revoke(me with { ProcessKey = me.ProcessKey + 1 })); // The number does not count.
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);

        CallResult pending = default;
        var calling = new Thread(() => pending = pair.Client.Call(2, [], []));
        calling.Start();
        Assert.True(entered.Wait(Watchdog.Bound));
        Assert.Equal(1, pair.Listener.Revoke(me));
        Watchdog.Join(calling);
        Assert.Equal(Status.OutcomeUnknown, pending.Status);
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed && server.State == EndpointState.Destroyed, "both ends");
        Assert.Equal((DisconnectReason.Revoked, DisconnectReason.Revoked), (pair.Client.DisconnectReason, server.DisconnectReason));
        Watchdog.Until(() => pair.Listener.Statistics.Charged == default, "the last word of the revoked one");
        using Endpoint again = Connect(pair);
        Assert.True(Watchdog.Run(() => again.Call(1, [], [])).IsOk);
        Assert.Throws<ArgumentNullException>(() => pair.Listener.Revoke(null!));
    }

    [Fact]
    [Rule("SE-03")]
    public void Revoke_InTheMiddleOfAHandshake_RefusesIt()
    {
        using Pair pair = Pair.Make(ScriptedHandler.Echo());
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        PeerIdentity me = pair.Server.Peer!;
        using Socket silent = RawSocket.Connect(pair.Client.Address.Text);
        Watchdog.Until(() => pair.Listener.Statistics.Handshaking == 1, "the handshake");
        Assert.Equal(1, pair.Listener.Revoke(me));
        Assert.Equal((uint)RejectCode.NotPermitted, RawSocket.RejectCode(RawSocket.Receive(silent)));
        Assert.Equal(new ListenerRefusals { NotPermitted = 1 }, pair.Listener.Statistics.Refusals);
    }

    [Fact]
    [Rule("SE-02")]
    public void Listener_ForOthersUnderABareName_IsRefusedAtOnce()
    {
        string address = TestDirectory.NextAddress();
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { Admit = static _ => true }));
        Assert.Contains("shm:/path/to/socket", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(TestDirectory.PathOf(address) + ".lock"));
    }

    [Theory]
    [InlineData(0b111_000_000, false)] // Nobody else gets in.
    [InlineData(0b111_001_000, true)] // The group does.
    [InlineData(0b111_001_001, true)]
    [InlineData(0b111_101_101, true)]
    [InlineData(0b111_011_001, false)] // The group can write.
    [InlineData(0b111_001_011, false)]
    [Rule("SE-02")]
    public void Listener_ForOthers_TakesADirectoryThatTheyCanEnterAndNotWrite(int mode, bool isGood)
    {
        using var names = new TempNames();
        File.SetUnixFileMode(names.Folder, (UnixFileMode)mode);
        string address = "shm:" + names.PathOf("server");
        var options = new ListenerOptions { Admit = static _ => true, KeepDumpable = true };
        if (isGood)
        {
            using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), options);
            using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
            Assert.True(Dumpable.IsSet);
            return;
        }

        GangwayException error = Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo(), options));
        Assert.Equal(ConnectError.NotPermitted, error.Error);
        Assert.Contains(Convert.ToString(mode, 8), error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(names.PathOf("server.lock")));
    }

    [Fact]
    [Rule("SE-02")]
    public void Listener_ForOthers_ClosesItsProcessToDumpsAndTraces()
    {
        const int setDumpable = 4;
        using var names = new TempNames();
        names.OpenToOthers();
        Assert.True(Dumpable.IsSet);
        try
        {
            using (Domain.Listen(TestDirectory.NextAddress(), ScriptedHandler.Echo()))
                Assert.True(Dumpable.IsSet); // For its own user only: nothing is hardened.
            string address = "shm:" + names.PathOf("server");
            using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions { Admit = static _ => false });
            Assert.False(Dumpable.IsSet);
            using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
            Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
        }
        finally
        {
            Assert.Equal(0, prctl(setDumpable, 1, 0, 0, 0)); // For the other tests of this process.
        }
    }

    [DllImport("libc")]
    private static extern int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static Endpoint Connect(Pair pair) => Watchdog.Run(() => Domain.Connect(pair.Client.Address.Text));
}
