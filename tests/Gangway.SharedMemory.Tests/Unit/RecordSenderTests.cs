// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Gangway.Transports;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Baton, outbox and sender together: order of each sender, nothing lost, nothing stranded.</summary>
[Rule("SH-01")]
public sealed class RecordSenderTests(ITestOutputHelper output)
{
    [Fact]
    public void Senders_EightThreads_KeepTheirOrderAndLoseNothing() => Watchdog.Run(() =>
    {
        const int Senders = 8;
        Seed seed = Seed.Take(output);
        int each = TestLevel.Pick(2_000, 40_000, 2_000_000);
        using var connection = new Connection();
        var sender = new RecordSender<ProcessMemory>(connection.Writers, connection.Readers);
        int handOvers = 0, owed = 0, queued = 0, refused = 0, faults = 0;

        Thread[] threads = Enumerable.Range(0, Senders).Select(number => new Thread(() =>
        {
            Random random = seed.Random(number);
            byte[] payload = new byte[SegmentLayout.InlineBytes];
            for (uint i = 0; i < each; i++)
            {
                int bytes = random.Next(4) == 0 ? random.Next(SegmentLayout.InlineBytes - 8) : random.Next(40);
                Span<byte> rest = payload.AsSpan(0, 8 + bytes);
                rest[8..].Fill((byte)(number * 31 + i));
                MemoryMarshal.Write(rest, in number);
                MemoryMarshal.Write(rest[4..], in i);
                RecordKind kind = random.Next(2) == 0 ? RecordKind.Message : RecordKind.Request;
                int split = random.Next(rest.Length + 1);
                var header = new RecordHeader(kind, RecordFlags.None, RecordHeader.Bytes + rest.Length, i, number, i + 1);
                while (true)
                {
                    RecordSend sent = sender.TrySend(header, rest[..split], rest[split..]);
                    if (sent == RecordSend.Refused)
                    {
                        Interlocked.Increment(ref refused);
                        Thread.Yield();
                        continue;
                    }

                    if (sent == RecordSend.HandToReactor)
                    {
                        Interlocked.Increment(ref handOvers);
                        Volatile.Write(ref owed, 1);
                    }

                    queued += sent == RecordSend.Queued ? 1 : 0;
                    faults += sent == RecordSend.PeerFault ? 1 : 0;
                    break;
                }
            }
        })
        { IsBackground = true, Name = $"sender {number}" }).ToArray();
        foreach (Thread thread in threads)
            thread.Start();

        // This thread is the peer's reactor, and ours.
        var next = new uint[Senders];
        byte[] scratch = new byte[RecordHeader.RecordBytesMax];
        for (long received = 0; received < (long)Senders * each;)
        {
            if (Interlocked.Exchange(ref owed, 0) != 0 && sender.Continue() == RecordSend.HandToReactor)
                Volatile.Write(ref owed, 1);
            RingRead read = connection.Reader.TryRead(scratch, out RecordHeader header);
            Assert.NotEqual(RingRead.PeerFault, read);
            if (read == RingRead.Empty)
            {
                Thread.Yield();
                continue;
            }

            ReadOnlySpan<byte> payload = scratch.AsSpan(RecordHeader.Bytes, header.LengthBytes - RecordHeader.Bytes);
            int number = MemoryMarshal.Read<int>(payload);
            uint i = MemoryMarshal.Read<uint>(payload[4..]);
            Assert.Equal((number, i), (header.Slot, header.Operation));
            Assert.Equal(next[number]++, i);
            Assert.False(payload[8..].ContainsAnyExcept((byte)(number * 31 + i)));
            if (header.Kind == RecordKind.Message)
                Volatile.Write(ref connection.Done, connection.Done + 1);
            received++;
        }

        foreach (Thread thread in threads)
            Watchdog.Join(thread);
        Assert.Equal(0, faults);
        Assert.Equal(RingRead.Empty, connection.Reader.TryRead(scratch, out _));
        Assert.Equal((long)Senders * each, sender.Messages + sender.Requests);
        output.WriteLine($"{queued} queued, {handOvers} handed over, {refused} refused");
    });

    // The outbox must give each record in flight a place of its own, also one whose sender was preempted for a lap.
    [Fact]
    public void Record_OfASenderPreemptedForALap_DoesNotMeetAnother() => Watchdog.Run(
        () =>
        {
            using var connection = new Connection();
            var sender = new RecordSender<PausingMemory>(connection.Writers, connection.Readers);
            var received = new List<uint>();
            byte[] scratch = new byte[RecordHeader.RecordBytesMax];

            // Admitted, and stopped before it looks for the baton.
            (Thread early, PausingMemory.Pause beforeBaton) = SendPaused(sender, 1001, Order.BatonTake);
            for (uint i = 0; i < SegmentLayout.RingBytes / SegmentLayout.LineBytes - 2; i++)
            {
                Assert.Equal(RecordSend.Written, Send(sender, i));
                Receive();
            }

            // Holds the baton, and is stopped in the middle of its record.
            (Thread holder, PausingMemory.Pause inRing) = SendPaused(sender, 1002, Order.RingPayload);
            Assert.Equal(RecordSend.Queued, Send(sender, 1003));
            beforeBaton.GoOn();
            Watchdog.Join(early);
            inRing.GoOn();
            Watchdog.Join(holder);

            received.Clear();
            while (Receive())
            {
            }

            received.Sort();
            Assert.Equal([1001u, 1002u, 1003u], received);

            bool Receive()
            {
                if (connection.Reader.TryRead(scratch, out RecordHeader header) != RingRead.Record)
                    return false;
                received.Add(header.Operation);
                return true;
            }
        },
        TimeSpan.FromSeconds(20));

    // The holder has emptied the outbox, and is stopped before it lets the baton go: a plain lock strands what comes now.
    [Fact]
    public void Record_PutWhileTheHolderLetsGo_IsWrittenByTheHolder() => Watchdog.Run(
        () =>
        {
            using var connection = new Connection();
            var sender = new RecordSender<PausingMemory>(connection.Writers, connection.Readers);
            byte[] scratch = new byte[RecordHeader.RecordBytesMax];
            for (uint round = 0; round < 20; round++)
            {
                (Thread holder, PausingMemory.Pause beforeRelease) = SendPaused(sender, 2 * round, Order.BatonRelease);
                Assert.Equal(RecordSend.Queued, Send(sender, 2 * round + 1));
                beforeRelease.GoOn();
                Watchdog.Join(holder);
                for (uint i = 0; i < 2; i++)
                {
                    Assert.Equal(RingRead.Record, connection.Reader.TryRead(scratch, out RecordHeader header));
                    Assert.Equal(2 * round + i, header.Operation);
                }
            }
        },
        TimeSpan.FromSeconds(20));

    [Fact]
    public void Records_MoreThanAHoldersShare_GoOnFromTheReactorInOrder() => Watchdog.Run(
        () =>
        {
            const uint Queued = 100;
            using var connection = new Connection();
            var sender = new RecordSender<PausingMemory>(connection.Writers, connection.Readers);
            RecordSend holders = RecordSend.Written;
            (Thread holder, PausingMemory.Pause inRing) = SendPaused(sender, 0, Order.RingPayload, sent => holders = sent);
            for (uint i = 1; i <= Queued; i++)
                Assert.Equal(RecordSend.Queued, Send(sender, i));
            inRing.GoOn();
            Watchdog.Join(holder);
            Assert.Equal(RecordSend.HandToReactor, holders);
            Assert.Equal(1 + RecordSender<PausingMemory>.ForeignRecordsMax, sender.Requests);

            // Nobody takes the baton in between, and what comes now stands behind what waits.
            Assert.Equal(RecordSend.Queued, Send(sender, Queued + 1));
            Assert.Equal(RecordSend.Written, sender.Continue());
            byte[] scratch = new byte[RecordHeader.RecordBytesMax];
            for (uint i = 0; i <= Queued + 1; i++)
            {
                Assert.Equal(RingRead.Record, connection.Reader.TryRead(scratch, out RecordHeader header));
                Assert.Equal(i, header.Operation);
            }

            Assert.Equal(RecordSend.Written, Send(sender, 0));
        },
        TimeSpan.FromSeconds(20));

    [Fact]
    public void RequestEnd_BeforeAndAfterTheWrite_SaysWhetherAHeadCanCoverIt()
    {
        using var connection = new Connection();
        var sender = new RecordSender<ProcessMemory>(connection.Writers, connection.Readers);
        sender.ForgetRequest(7);
        Assert.Equal(ulong.MaxValue, sender.RequestEnd(7));
        var header = new RecordHeader(RecordKind.Request, RecordFlags.None, RecordHeader.Bytes + 100, 1, 7, 1);
        Assert.Equal(RecordSend.Written, sender.TrySend(header, [], new byte[100]));
        Assert.Equal(128ul, sender.RequestEnd(7));
        Assert.Equal((0L, 1L), (sender.Messages, sender.Requests));
    }

    private static RecordSend Send(RecordSender<PausingMemory> sender, uint operation) =>
        sender.TrySend(new RecordHeader(RecordKind.Request, RecordFlags.None, RecordHeader.Bytes, operation), [], []);

    private static (Thread Thread, PausingMemory.Pause Pause) SendPaused(
        RecordSender<PausingMemory> sender, uint operation, Order order, Action<RecordSend>? sent = null)
    {
        using var made = new BlockingCollection<PausingMemory.Pause>();
        var thread = new Thread(() =>
        {
            made.Add(PausingMemory.At(order));
            RecordSend result = Send(sender, operation);
            sent?.Invoke(result);
        })
        { IsBackground = true, Name = $"sender of {operation}" };
        thread.Start();
        PausingMemory.Pause pause = made.Take();
        pause.WaitUntilStopped();
        return (thread, pause);
    }
}
