// SPDX-License-Identifier: MIT

using System.Net.Sockets;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>Pair ids and epochs as a client may say them: late, twice, of somebody else, or while another handshake is under way.</summary>
[Rule("LC-03")]
[Rule("LC-04")]
public sealed class PairTests
{
    private const uint Welcome = 2;
    private const uint Stale = 10;

    [Fact]
    public void Hello_OfAPairThatNobodyHas_GetsAPairOfItsOwn()
    {
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), ScriptedHandler.Echo());
        using Socket client = RawSocket.Connect(listener.Address.Text);
        var guess = new ConnectionId(ConnectionId.NewPair(), 7);
        Guid pair = Hello(client, guess);
        Assert.NotEqual(guess.Pair, pair);
        Assert.NotEqual(Guid.Empty, pair);
    }

    [Fact]
    public void Hello_OfAnEarlierOrTheSameAttempt_IsStale()
    {
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), ScriptedHandler.Echo());
        using Socket first = RawSocket.Connect(listener.Address.Text);
        Guid pair = Hello(first, new ConnectionId(default, 5));
        foreach (ulong epoch in new ulong[] { 1, 4, 5 })
        {
            using Socket late = RawSocket.Connect(listener.Address.Text);
            late.Send(Transports.Hello.Write(new ConnectionId(pair, epoch)));
            Assert.Equal(Stale, RawSocket.RejectCode(RawSocket.Receive(late)));
        }

        // Of the two that are under way the later one counts.
        using Socket next = RawSocket.Connect(listener.Address.Text);
        Assert.Equal(pair, Hello(next, new ConnectionId(pair, 6)));
        Assert.Equal(Stale, RawSocket.RejectCode(RawSocket.Receive(first)));
        Assert.Equal(0, listener.Statistics.PeerFaults);
    }

    // The news of a disconnect may be the next Hello: here the connection before is not closed at all.
    [Fact]
    public void Hello_OfTheNextEpoch_EndsTheConnectionBefore()
    {
        var held = new Gate();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            DisconnectAsync = _ =>
            {
                held.Open();
                return goOn.Task;
            },
        });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        using Socket next = RawSocket.Connect(pair.Listener.Address.Text);
        next.Send(Transports.Hello.Write(new ConnectionId(pair.Client.PairId, pair.Client.Epoch + 1)));
        held.MustOpen("OnDisconnect of the connection before");
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end of it");
        Assert.False(next.Poll(50_000, SelectMode.SelectRead));
        goOn.SetResult();
        Assert.Equal(pair.Client.PairId, PairOf(RawSocket.Receive(next)));
    }

    [Fact]
    public void Hello_ThatWaits_MustNotGoOn()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using Pair pair = Pair.Make(new ScriptedHandler { DisconnectAsync = _ => goOn.Task });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        using Socket next = RawSocket.Connect(pair.Listener.Address.Text);
        byte[] hello = Transports.Hello.Write(new ConnectionId(pair.Client.PairId, pair.Client.Epoch + 1));
        next.Send(hello);
        next.Send(hello);
        Assert.Equal(1u, RawSocket.RejectCode(RawSocket.Receive(next)));
        goOn.SetResult();
    }

    // A pair is its process's: to another one, which has the number from somewhere, it is a number like any other.
    [Fact]
    public void Pair_OfAnotherProcess_IsNotFound()
    {
        var table = new PairTable();
        KnownPair pair = table.Add(processKey: 1);
        var asked = new ConnectionId(pair.Id, 2);
        Assert.Same(pair, table.Find(asked, processKey: 1));
        Assert.Null(table.Find(asked, processKey: 2));
        table.ForgetIfUnused(pair);
        Assert.Equal(0, table.Count);
        Assert.Null(table.Find(asked, processKey: 1));
    }

    [Fact]
    public void Pairs_OfManyThatCameAndWent_AreNotRemembered()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        var table = (PairTable)Insides.Field(Insides.Field(listener, "_acceptor"), "_pairs");
        for (int i = 0; i < 20; i++)
        {
            using Socket left = RawSocket.Connect(address);
            left.Send(Transports.Hello.Write(new ConnectionId(ConnectionId.NewPair(), 1)));
            using Endpoint connected = Watchdog.Run(() => Domain.Connect(address));
        }

        Watchdog.Until(() => table.Count == 0, "the last pair to be forgotten");
    }

    private static Guid Hello(Socket socket, ConnectionId asked)
    {
        socket.Send(Transports.Hello.Write(asked));
        return PairOf(RawSocket.Receive(socket));
    }

    private static Guid PairOf((uint Type, byte[] Packet) received)
    {
        Assert.Equal(Welcome, received.Type);
        return Transports.Welcome.PairOf(received.Packet);
    }
}
