// SPDX-License-Identifier: MIT

using System.Diagnostics.Tracing;
using System.Runtime.InteropServices;

namespace Gangway.Tests;

/// <summary>A peer that lies, word by word: that connection ends with a reason that the operator can see, and no other.</summary>
/// <remarks>The lies are written through the client's own segment and socket, which any client can write.</remarks>
[Rule("SE-05")]
[Rule("SH-05")]
public sealed class PeerFaultTests
{
    // Section 4 of docs/PROTOCOL.md.
    private const ulong HeadOffset = 64;
    private const ulong DoneOffset = 72;
    private const ulong RingOffset = 4096;
    private const ulong SlotsOffset = 12288;
    private const int SlotBytes = 256;

    public enum Lie
    {
        RecordKind,
        RecordLength,
        RecordFlags,
        RecordOfSlot64,
        RecordOfGenerationZero,
        RecordExtension,
        RecordChain,
        RecordPayload,
        PadAtStart,
        HeadAhead,
        HeadUnaligned,
        DoneAhead,
        LongPacket,
        VeryLongPacket,
    }

    public static TheoryData<Lie> Lies => [.. Enum.GetValues<Lie>()];

    [Theory]
    [MemberData(nameof(Lies))]
    public void Client_ThatLies_IsDisconnectedAndTheOperatorSeesWhy(Lie lie)
    {
        using var events = new EventLog();
        DisconnectReason? seen = null;
        Gate ended = new(), isBusy = new(), mayGoOn = new();
        using Pair pair = Pair.Make(
            new ScriptedHandler
            {
                Disconnect = (_, reason) =>
                {
                    seen = reason;
                    ended.Open();
                },
            },
            new ScriptedHandler
            {
                // While the client's own code reads nothing, it does not write over the lies.
                Message = (_, _) =>
                {
                    isBusy.Open();
                    mayGoOn.Pass();
                },
            });
        using Endpoint neighbour = Watchdog.Run(() => Domain.Connect(pair.Listener.Address.Text));
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 2, "both connections");
        Endpoint server = pair.Listener.Endpoints.Single(endpoint => ReadsFrom(endpoint, pair.Client));

        Assert.Equal(Status.Ok, server.TrySend(1, []));
        isBusy.MustOpen("the client's handler");
        Tell(lie, pair.Client, server);
        try
        {
            ended.MustOpen("the server's OnDisconnect");
        }
        finally
        {
            mayGoOn.Open();
        }

        Assert.Equal(DisconnectReason.PeerFault, seen);
        Watchdog.Until(() => server.State == EndpointState.Destroyed, "the server's endpoint");
        Assert.Equal(DisconnectReason.PeerFault, server.DisconnectReason);
        Assert.False(string.IsNullOrWhiteSpace(server.DisconnectDetail));
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Assert.Equal(DisconnectReason.ClosedByPeerFault, pair.Client.DisconnectReason);

        ListenerStatistics statistics = pair.Listener.Statistics;
        Assert.Equal((1L, 1), (statistics.PeerFaults, statistics.Connected));
        Assert.Contains(server.DisconnectDetail, statistics.LastPeerFault, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", statistics.LastPeerFault, StringComparison.Ordinal);
        EventWrittenEventArgs found = events.MustContain("PeerFault", server.DisconnectDetail);
        Assert.Equal(EventLevel.Warning, found.Level);
        Assert.Equal(pair.Listener.Address.Text, found.Payload![0]);
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => neighbour.Call(1, [], [])).Status);
    }

    [Theory]
    [InlineData(1ul, 241ul)] // The awaited generation, a length over the bound.
    [InlineData(2ul, 0ul)] // A generation that nobody waits for.
    [InlineData(1ul << 40, 0ul)]
    [InlineData(1ul | 3ul << 48, 0ul)] // A status that only the caller's own side can find out.
    [InlineData(1ul | 4ul << 48, 0ul)] // Overloaded: who believed it would wait for a send possible that never comes.
    [InlineData(1ul | 11ul << 48, 0ul)]
    [InlineData(1ul | 14ul << 48, 0ul)]
    public void Server_ThatLiesInAReply_EndsTheCallAndTheConnection(ulong generation, ulong length)
    {
        using Pair pair = Pair.Make(new ScriptedHandler { Transaction = static (_, _) => { } });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = pair.Server;

        // Before the call, so that the caller need not be awake when it comes.
        SafeBuffer memory = Insides.OwnMemory(server);
        for (ulong slot = 0; slot < 64; slot++)
        {
            memory.Write(SlotsOffset + slot * SlotBytes + 8, length);
            memory.Write(SlotsOffset + slot * SlotBytes, generation);
        }

        CallResult result = Watchdog.Run(() => pair.Client.Call(1, [], new byte[500]));
        Assert.Equal(new CallResult(Status.OutcomeUnknown, 0), result);
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Assert.Equal(DisconnectReason.PeerFault, pair.Client.DisconnectReason);
        Assert.Contains("reply", pair.Client.DisconnectDetail, StringComparison.Ordinal);
        Watchdog.Until(() => server.State == EndpointState.Destroyed, "the server's end");
        Assert.Equal(DisconnectReason.ClosedByPeerFault, server.DisconnectReason);
    }

    [Fact]
    public void Client_ThatAsksTwiceWithOneGeneration_IsFound()
    {
        using Pair pair = Pair.Make(new ScriptedHandler { Transaction = static (_, _) => { } });
        SafeBuffer memory = Insides.OwnMemory(pair.Client);
        Record(memory, 0, kind: 2, flags: 0, length: 16, second: 1 << 16);
        Insides.SendPacket(pair.Client, [0]);
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 1, "the first request");
        Record(memory, 64, kind: 2, flags: 0, length: 16, second: 1 << 16);
        Insides.SendPacket(pair.Client, [0]);
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Assert.Equal(1, pair.Listener.Statistics.PeerFaults);
        Assert.Contains("slot 0, generation 1", pair.Listener.Statistics.LastPeerFault, StringComparison.Ordinal);
    }

    // A sender that was let in lies about what it read: those who wait for room end too.
    [Fact]
    public void Server_ThatLiesAboutItsHead_EndsThoseWhoWaitForRoom()
    {
        var mayGoOn = new Gate();
        using Pair pair = Pair.Make(new ScriptedHandler { Message = (_, _) => mayGoOn.Pass() });
        var statuses = new Status[8];
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = pair.Server;
        SafeBuffer memory = Insides.OwnMemory(server);
        var lying = new Thread(() =>
        {
            Watchdog.Until(() => pair.Client.Statistics.Parks >= statuses.Length, "the senders to sleep");

            // The honest half of the server may still be reading, and publishes its head over the lie.
            Watchdog.Until(
                () =>
                {
                    memory.Write(HeadOffset, 1ul << 40);
                    Insides.TrySendPacket(server, [0]);
                    return pair.Client.State != EndpointState.Connected;
                },
                "the client's look");
        })
        { IsBackground = true };
        using var opening = new Opening(mayGoOn);
        lying.Start();
        Threads.Run(statuses.Length, number =>
        {
            while ((statuses[number] = pair.Client.Send(1, [])) == Status.Ok)
            {
            }
        });
        Watchdog.Join(lying);
        Assert.All(statuses, static status => Assert.Equal(Status.NotConnected, status));
        Watchdog.Until(() => pair.Client.State == EndpointState.Destroyed, "the client's end");
        Assert.Equal(DisconnectReason.PeerFault, pair.Client.DisconnectReason);
    }

    /// <summary>Lets a handler go on, however the test ends.</summary>
    private sealed class Opening(Gate gate) : IDisposable
    {
        public void Dispose() => gate.Open();
    }

    private static void Tell(Lie lie, Endpoint client, Endpoint server)
    {
        SafeBuffer memory = Insides.OwnMemory(client);
        switch (lie)
        {
            case Lie.RecordKind:
                Record(memory, 0, kind: 4, flags: 0, length: 16);
                break;
            case Lie.RecordLength:
                Record(memory, 0, kind: 1, flags: 0, length: 0xFFFF);
                break;
            case Lie.RecordFlags:
                Record(memory, 0, kind: 1, flags: 0x10, length: 16);
                break;
            case Lie.RecordOfSlot64:
                Record(memory, 0, kind: 2, flags: 0, length: 16, second: 64 | 1 << 16);
                break;
            case Lie.RecordOfGenerationZero:
                Record(memory, 0, kind: 2, flags: 0, length: 16, second: 5);
                break;
            case Lie.RecordExtension:
                Record(memory, 0, kind: 1, flags: 2, length: 20);
                break;
            case Lie.RecordChain:
                memory.Write(RingOffset + 16, 17ul);
                Record(memory, 0, kind: 1, flags: 4, length: 600);
                break;
            case Lie.RecordPayload:
                Record(memory, 0, kind: 1, flags: 0, length: 16 + Endpoint.PayloadBytesMax + 1);
                break;
            case Lie.PadAtStart:
                Record(memory, 0, kind: 3, flags: 0, length: 16);
                break;
            case Lie.HeadAhead:
                Watchdog.Until(() => HasLookedAt(memory, HeadOffset, 1ul << 32, server), "the server's look");
                return;
            case Lie.HeadUnaligned:
                Watchdog.Until(() => HasLookedAt(memory, HeadOffset, 1ul, server), "the server's look");
                return;
            case Lie.DoneAhead:
                Watchdog.Until(() => HasLookedAt(memory, DoneOffset, 1_000ul, server), "the server's look");
                return;
            case Lie.LongPacket:
                Insides.SendPacket(client, [1, 2]);
                return;
            default:
                Insides.SendPacket(client, new byte[5000]);
                return;
        }

        Insides.SendPacket(client, [0]);
    }

    /// <summary>
    /// A sender looks at the peer's words when its own count says that there is no room. The honest half of the client writes
    /// them too, so the lie is told again and again.
    /// </summary>
    private static bool HasLookedAt(SafeBuffer memory, ulong offset, ulong lie, Endpoint server)
    {
        for (int i = 0; i < 200; i++)
        {
            memory.Write(offset, lie);
            if (server.TrySend(1, []) == Status.NotConnected)
                return true;
        }

        return false;
    }

    private static void Record(SafeBuffer memory, ulong place, int kind, int flags, int length, ulong second = 0)
    {
        memory.Write(RingOffset + place + 8, second);
        memory.Write(RingOffset + place + 64, 0ul);
        Thread.MemoryBarrier();
        memory.Write(RingOffset + place, (uint)length | (ulong)kind << 16 | (ulong)flags << 24 | 1ul << 32);
    }

    /// <summary>Whether an endpoint reads what the client writes: tried with a word that nobody uses.</summary>
    private static bool ReadsFrom(Endpoint endpoint, Endpoint client)
    {
        const ulong UnusedOffset = 4088;
        SafeBuffer memory = Insides.OwnMemory(client);
        memory.Write(UnusedOffset, 0x5EED_5EED_5EED_5EEDul);
        bool isRead = Insides.PeerMemory(endpoint).Read<ulong>(UnusedOffset) == 0x5EED_5EED_5EED_5EEDul;
        memory.Write(UnusedOffset, 0ul);
        return isRead;
    }
}
