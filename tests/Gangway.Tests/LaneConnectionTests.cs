// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>Notifications across a connection: granted on one side, signalled on the other.</summary>
[Rule("EV-02")]
[Rule("EV-05")]
public abstract class LaneConnectionTests(ITestOutputHelper output, Transport transport)
{
    private protected ITestOutputHelper Output => output;

    private static readonly EndpointOptions s_bothWays = new() { LanesToSend = 1, LanesToReceive = 1 };

    public static TheoryData<bool, int> Shapes => new()
    {
        { false, 1 }, { true, 1 }, { false, 257 }, { true, 8192 }, { false, 8193 }, { true, 262_144 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Signal_OfAGrantedLane_IsAPacketWithTheReceiversBadge(bool toServer, int lanes)
    {
        var options = new EndpointOptions { LanesToSend = toServer ? lanes : 0, LanesToReceive = toServer ? 0 : lanes };
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), options: options, listenerOptions: new ListenerOptions { MaxLanes = 262_144 });
        (Endpoint sender, Endpoint receiver) = Sides(pair, toServer);
        using EventPort port = new();
        var notification = new Notification();
        port.Bind(notification, key: 0xBAD6E, new BindingOptions { Priority = 3, Mode = TriggerMode.Edge });
        for (int i = 0; i < 40; i++)
            Assert.Equal(i, receiver.Grant(i == 37 ? notification : new Notification()));

        NotificationSender signals = sender.SenderOf(37);
        for (uint i = 0; i < 3; i++)
        {
            signals.Signal(1u << (int)i);
            Packet packet = Ports.Next(port);
            Assert.Equal((0xBAD6Eul, PacketKind.Notification, 3, 1u << (int)i), (packet.Key, packet.Kind, packet.Priority, packet.Signals));
            Assert.True(packet.Count >= 1);
        }

        Ports.AssertQuiet(port);
        Assert.Equal(3, receiver.Statistics.SignalsReceived);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bits_ThatAreNotPermitted_AreDroppedAlsoLater(bool toServer)
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), options: s_bothWays);
        (Endpoint sender, Endpoint receiver) = Sides(pair, toServer);
        var notification = new Notification();
        int lane = receiver.Grant(notification, permittedBits: 0b0110);
        NotificationSender signals = sender.SenderOf(lane);
        signals.Signal(0b1111);
        Assert.Equal(0b0110u, Next(notification).Bits);
        receiver.PermitBits(lane, 0b1000);
        signals.Signal(0b1111);
        Assert.Equal(0b1000u, Next(notification).Bits);
        receiver.PermitBits(lane, 0);
        signals.Signal(0b1111);

        // A second lane says when the first was passed.
        var other = new Notification();
        sender.SenderOf(receiver.Grant(other)).Signal(2);
        Assert.Equal(2u, Next(other).Bits);
        Assert.True(notification.Poll().IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => signals.Signal(NotificationSender.SenderGone));
        Assert.Throws<ArgumentOutOfRangeException>(() => signals.Signal(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.Grant(other, uint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.PermitBits(lane, uint.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => receiver.PermitBits(2, 1));
    }

    // Who signals last before it writes its own word knows that the receiver sees the word, however they interleave.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Signals_OfManyThreadsInManyLanes_ReachTheReceiverAfterTheirLast(bool toServer)
    {
        const int Lanes = 70;
        const int Signalling = 4;
        int rounds = TestLevel.Pick(300, 3_000, 300_000);
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), options: s_bothWays);
        (Endpoint sender, Endpoint receiver) = Sides(pair, toServer);
        using EventPort port = new();
        for (int i = 0; i < Lanes; i++)
        {
            var notification = new Notification();
            port.Bind(notification, (ulong)i, Ports.Edge);
            Assert.Equal(i, receiver.Grant(notification));
        }

        long[] written = new long[Lanes * Signalling];
        long[] seen = new long[Lanes * Signalling];
        var threads = new Thread[Signalling];
        Seed seed = Seed.Take(output);
        for (int number = 0; number < Signalling; number++)
        {
            int self = number;
            threads[number] = new Thread(() => Run(self)) { IsBackground = true };
            threads[number].Start();
        }

        var packets = new Packet[16];
        while (seen.Any(value => value != rounds))
        {
            int count = port.Wait(packets, Deadline.After(Watchdog.Bound));
            Assert.True(count > 0, $"{seen.Count(value => value != rounds)} lanes miss their last signal");
            foreach (Packet packet in packets.AsSpan(0, count))
            {
                for (int number = 0; number < Signalling; number++)
                {
                    int cell = (int)packet.Key * Signalling + number;
                    if ((packet.Signals & 1u << number) != 0)
                        seen[cell] = Volatile.Read(ref written[cell]);
                }
            }
        }

        foreach (Thread thread in threads)
            Watchdog.Join(thread);

        void Run(int number)
        {
            Random random = seed.Random(number);
            int[] done = new int[Lanes];
            for (int left = Lanes * rounds; left > 0; left--)
            {
                int lane = random.Next(Lanes);
                while (done[lane] == rounds)
                    lane = (lane + 1) % Lanes;
                Volatile.Write(ref written[lane * Signalling + number], ++done[lane]);
                sender.SenderOf(lane).Signal(1u << number);
            }
        }
    }

    [Fact]
    [Rule("EV-24")]
    public void Ring_FullOfMessages_NeverDelaysASignal()
    {
        using Pair pair = transport.Pair(
            new ScriptedHandler { Message = (_, message) => message.Keep() }, options: s_bothWays);
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        var notification = new Notification();
        NotificationSender signals = pair.Client.SenderOf(pair.Server.Grant(notification));
        Watchdog.Until(() => pair.Client.TrySend(1, []) == Status.Overloaded && pair.Server.Statistics.MessagesReceived == 64, "all credits");
        for (int i = 0; i < 100; i++)
        {
            signals.Signal(4);
            Assert.Equal(4u, Next(notification).Bits);
        }

        Assert.Equal(Status.Overloaded, pair.Client.TrySend(1, []));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [Rule("EV-25")]
    public void End_OfTheConnection_IsOneSenderGoneForEachLane_BehindWhatWasSignalled(bool toServer, bool receiverEnds)
    {
        using EventPort port = new();
        using (Pair pair = transport.Pair(ScriptedHandler.Echo(), options: s_bothWays))
        {
            (Endpoint sender, Endpoint receiver) = Sides(pair, toServer);
            for (ulong i = 0; i < 100; i++)
            {
                var notification = new Notification();
                port.Bind(notification, i, Ports.Edge);
                receiver.Grant(notification);
            }

            NotificationSender signals = default;
            for (int i = 0; i < 100; i++)
            {
                signals = sender.SenderOf(i);
                signals.Signal(1);
            }

            Endpoint ends = receiverEnds ? receiver : sender;
            Watchdog.Run(ends.Dispose);
            Watchdog.Until(() => receiver.State == EndpointState.Destroyed && sender.State == EndpointState.Destroyed, "the end");
            signals.Signal(1); // Nothing happens.

            var late = new Notification();
            receiver.Grant(late);
            Assert.Equal(NotificationSender.SenderGone, late.Poll().Bits);
        }

        uint[] bits = new uint[100];
        int gone = 0;
        while (port.TryWait(out Packet packet))
        {
            bits[packet.Key] |= packet.Signals;
            gone += (packet.Signals & NotificationSender.SenderGone) != 0 ? 1 : 0;
        }

        Assert.Equal(100, gone);
        Assert.All(bits, found => Assert.Equal(NotificationSender.SenderGone | 1, found));
    }

    [Fact]
    public void Connection_WithoutLanes_SaysWhatToDo()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), options: new EndpointOptions { LanesToSend = 200 });
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => pair.Client.Grant(new Notification()));
        Assert.Contains("EndpointOptions.LanesToReceive", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => pair.Server.SenderOf(0));
        Assert.Contains("EndpointOptions.LanesToReceive", error.Message, StringComparison.Ordinal);
        for (int i = 0; i < 256; i++)
            Assert.Equal(i, pair.Server.Grant(new Notification()));
        error = Assert.Throws<InvalidOperationException>(() => pair.Server.Grant(new Notification()));
        Assert.Contains("All 256 lanes", error.Message, StringComparison.Ordinal);
        Assert.Contains("EndpointOptions.LanesToSend", error.Message, StringComparison.Ordinal);
        using var apart = new Endpoint("shm:nobody");
        Assert.Throws<InvalidOperationException>(() => apart.Grant(new Notification()));
        Assert.Throws<InvalidOperationException>(() => apart.SenderOf(0));
        Assert.Throws<InvalidOperationException>(() => default(NotificationSender).Signal());
        Assert.Throws<ArgumentException>(() => new Endpoint("shm:nobody", options: new EndpointOptions { LanesToSend = 262_145 }));
        Assert.Throws<ArgumentException>(() => new Endpoint("shm:nobody", options: new EndpointOptions { LanesToReceive = -1 }));
    }

    [Fact]
    [Rule("EV-22")]
    public void SignalAndPacket_OnceWarm_AllocateNothing()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), options: s_bothWays);
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        using EventPort port = new();
        var notification = new Notification();
        port.Bind(notification, 1, Ports.Edge);
        NotificationSender signals = pair.Client.SenderOf(pair.Server.Grant(notification));
        var packets = new Packet[4];
        Rounds(2_000);
        long least = long.MaxValue;
        for (int i = 0; i < 8 && least > 1_000; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Rounds(5_000);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // What others of this process do meanwhile is counted, too.
        Assert.True(least < 1_000, $"{least} bytes in 5,000 rounds");

        void Rounds(int count)
        {
            for (int i = 0; i < count; i++)
            {
                signals.Signal(1);
                if (port.Wait(packets, Deadline.After(Watchdog.Bound)) != 1)
                    throw new InvalidOperationException("no packet");
            }
        }
    }

    private static (Endpoint Sender, Endpoint Receiver) Sides(Pair pair, bool toServer)
    {
        Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
        return toServer ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
    }

    private static Signals Next(Notification notification)
    {
        Signals signals = notification.Wait(Deadline.After(Watchdog.Bound));
        Assert.False(signals.IsEmpty, "no signal came");
        return signals;
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : LaneConnectionTests(output, Transport.SharedMemory)
    {
        [Fact]
        public void Signal_ToAParkedReceiver_RingsOnce()
        {
            using Pair pair = Pair.Make(ScriptedHandler.Echo(), options: s_bothWays);
            Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
            var notification = new Notification();
            NotificationSender signals = pair.Client.SenderOf(pair.Server.Grant(notification));
            int rung = 0;
            for (int i = 0; i < 20; i++)
            {
                Watchdog.Until(() => Parks(pair.Server), "the reactor's sleep");
                long rings = pair.Client.Statistics.Rings;
                signals.Signal(1);
                Assert.Equal(1u, Next(notification).Bits);
                rung += (int)(pair.Client.Statistics.Rings - rings);
                Assert.InRange(pair.Client.Statistics.Rings - rings, 0, 1);
            }

            // One that was just about to sleep need not be rung.
            Assert.InRange(rung, 1, 20);

            static bool Parks(Endpoint server) => (bool)Insides.Field(Insides.Link(server), "_isParked");
        }

        [Fact]
        public void Lanes_ThatWereNotGranted_ReachNothingAndHarmNobody()
        {
            using Pair pair = Pair.Make(ScriptedHandler.Echo(), options: s_bothWays);
            Watchdog.Until(() => pair.Listener.Endpoints.Count == 1, "the accepted endpoint");
            var notification = new Notification();
            int lane = pair.Server.Grant(notification);
            for (int i = 1; i < 256; i++)
                pair.Client.SenderOf(i).Signal(NotificationSender.AllBits);
            pair.Client.SenderOf(lane).Signal(1);
            Assert.Equal(1u, Next(notification).Bits);
            Watchdog.Until(() => pair.Server.Statistics.FalseAnnouncements >= 7, "the roots' announcements");
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
            Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.SenderOf(256));
            Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.SenderOf(-1));

            // Granted now, it starts afresh.
            var next = new Notification();
            NotificationSender signals = pair.Client.SenderOf(pair.Server.Grant(next));
            signals.Signal(2);
            signals.Signal(4);
            uint bits = 0;
            Watchdog.Until(() => ((bits |= next.Poll().Bits) & 6) is 6 or 4 or 2, "a signal behind the grant");
        }

        [Fact]
        [Rule("SE-03")]
        public void Lanes_AreChargedAndBoundedAndGivenBack()
        {
            const long Small = ConnectionCost.Bytes + 2 * 4096;
            using Pair pair = Pair.Make(
                ScriptedHandler.Echo(), listenerOptions: new ListenerOptions { MaxLanes = 256, MaxBytesPerUser = ConnectionCost.Bytes + 2 * Small - 1 });
            Assert.Equal(ConnectionCost.Bytes, pair.Listener.Statistics.Charged.Bytes);
            AssertRefused(new EndpointOptions { LanesToReceive = 257 }, "ListenerOptions.MaxLanes");
            using (Endpoint one = Domain.Connect(pair.Listener.Address.Text, null, new EndpointOptions { LanesToSend = 256 }))
            {
                Assert.Equal(ConnectionCost.Bytes + Small, pair.Listener.Statistics.Charged.Bytes);
                AssertRefused(new EndpointOptions { LanesToSend = 1 }, "ListenerOptions.MaxBytesPerUser");
            }

            Watchdog.Until(() => pair.Listener.Statistics.Charged.Bytes == ConnectionCost.Bytes, "what it had");
            Assert.Throws<ArgumentException>(() => Domain.Listen(
                TestDirectory.NextAddress(), ScriptedHandler.Echo(), new ListenerOptions { MaxLanes = 262_145 }));

            void AssertRefused(EndpointOptions options, string option)
            {
                GangwayException error = Assert.Throws<GangwayException>(() => Domain.Connect(pair.Listener.Address.Text, null, options));
                Assert.Equal(ConnectError.Overloaded, error.Error);
                Assert.Contains(option, error.Message, StringComparison.Ordinal);
            }
        }

        // A peer that writes whatever it likes into all its lane words, and into the ack words.
        [Theory]
        [InlineData(false)]
        [InlineData(true)]
        public void Words_WrittenAtRandom_DeliverGrantedLanesAndPermittedBitsOnly(bool toServer)
        {
            Random random = Seed.Take(Output).Random();
            using Pair pair = Pair.Make(ScriptedHandler.Echo(), options: s_bothWays);
            using Endpoint neighbour = Domain.Connect(pair.Listener.Address.Text);
            Watchdog.Until(() => pair.Listener.Endpoints.Count == 2, "the accepted endpoints");
            (Endpoint liar, Endpoint victim) = toServer
                ? (pair.Client, pair.Listener.Endpoints.First(endpoint => endpoint.SenderCan()))
                : (pair.Listener.Endpoints.First(endpoint => endpoint.SenderCan()), pair.Client);
            var granted = new Notification[20];
            for (int i = 0; i < granted.Length; i++)
                Assert.Equal(i, victim.Grant(granted[i] = new Notification(), permittedBits: 1u << i));
            NotificationSender back = victim.SenderOf(0);

            SafeBuffer memory = Insides.OwnMemory(liar);
            int steps = TestLevel.Pick(20_000, 200_000, 10_000_000);
            for (int i = 0; i < steps; i++)
            {
                ulong offset = 28_672 + (ulong)random.Next(2 * 4096 / 8) * 8;
                memory.Write(offset, (ulong)random.NextInt64());
                if (i % 64 == 0)
                {
                    back.Signal((uint)random.Next(1, int.MaxValue));
                    Insides.TrySendPacket(liar, [0]);
                }

                if (i % 1000 != 0)
                    continue;
                for (int lane = 0; lane < granted.Length; lane++)
                    Assert.Equal(0u, granted[lane].Poll().Bits & ~(1u << lane));
                Assert.True(Watchdog.Run(() => neighbour.Call(1, [], [])).IsOk);
            }

            Assert.Equal(EndpointState.Connected, victim.State);
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
            Assert.True(victim.Statistics.FalseAnnouncements > 0);
        }

        // The count of a lane is what its sender says: it must not wrap what others have signalled.
        [Fact]
        public void Count_OfALiar_TakesNobodysSignalAway()
        {
            using Pair pair = Pair.Make(ScriptedHandler.Echo(), options: s_bothWays);
            var notification = new Notification();
            pair.Server.Grant(notification);
            notification.Signal(1);
            SafeBuffer memory = Insides.OwnMemory(pair.Client);

            // The first lane, then the first root: bit 1, and a count of one less than nothing.
            memory.Write(28_672 + 64, 0xFFFF_FFFF_0000_0002ul);
            memory.Write(28_672, 1ul | 1ul << 32);
            Insides.TrySendPacket(pair.Client, [0]);
            Watchdog.Until(() => pair.Server.Statistics.SignalsReceived == 1, "the lie");
            Watchdog.Until(() => notification.Poll() is var signals && !signals.IsEmpty && (signals.Bits & 1) != 0, "what another has signalled");
        }
    }

    public sealed class InsideAProcess(ITestOutputHelper output) : LaneConnectionTests(output, Transport.InProcess);
}

/// <summary>Tells an endpoint with lanes from one without.</summary>
file static class EndpointLanes
{
    internal static bool SenderCan(this Endpoint endpoint)
    {
        try
        {
            endpoint.SenderOf(0);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
