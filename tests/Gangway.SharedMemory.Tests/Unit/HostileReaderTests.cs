// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>A reader that lies about what it has read or completed is found out; one that only lags never is.</summary>
[Rule("SH-05")]
public sealed class HostileReaderTests(ITestOutputHelper output)
{
    private static RecordHeader Message => new(RecordKind.Message, RecordFlags.None, RecordHeader.Bytes, 1);

    [Theory]
    [InlineData(0L, true)] // Where it was.
    [InlineData(64L, true)]
    [InlineData(640L, true)] // All that was written.
    [InlineData(704L, false)] // One line more.
    [InlineData(8192L, false)]
    [InlineData(-64L, false)]
    [InlineData(1L, false)]
    [InlineData(63L, false)]
    [InlineData(65L, false)]
    [InlineData(632L, false)]
    [InlineData(1L << 32, false)]
    [InlineData(1L << 38, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void Head_MovedBy_IsJudged(long moved, bool isHonest)
    {
        using var connection = new Connection();
        byte[] scratch = new byte[RecordHeader.RecordBytesMax];
        for (int i = 0; i < 30; i++)
        {
            connection.MustWrite(Message, [], []);
            connection.Reader.TryRead(scratch, out _);
            connection.Done++;
        }

        Assert.True(connection.Window.TryRefresh());
        ulong head = connection.Head;
        for (int i = 0; i < 10; i++)
            connection.MustWrite(Message, [], []);
        connection.Head = head + (ulong)moved;
        Assert.Equal(isHonest, connection.Window.TryRefresh());
        Assert.Equal(isHonest ? connection.Head : head, connection.Window.Head);
        Assert.Equal(isHonest ? Admission.Admitted : Admission.PeerFault, connection.Window.Recheck(0));
    }

    [Theory]
    [InlineData(0L, true)]
    [InlineData(1L, true)]
    [InlineData(10L, true)]
    [InlineData(11L, false)]
    [InlineData(-1L, false)]
    [InlineData(64L, false)]
    [InlineData((long)int.MaxValue, false)]
    [InlineData(1L << 31, false)]
    [InlineData(1L << 32, false)] // The low half says nothing new.
    [InlineData((1L << 32) + 5, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void Done_MovedBy_IsJudged(long moved, bool isHonest)
    {
        using var connection = new Connection();
        for (int i = 0; i < 30; i++)
            connection.MustWrite(Message, [], []);
        connection.Done = 20;
        Assert.True(connection.Window.TryRefresh());
        connection.Done = 20 + (ulong)moved;
        Assert.Equal(isHonest, connection.Window.TryRefresh());
        Assert.Equal(isHonest ? connection.Done : 20, connection.Window.Done);
    }

    [Fact]
    public void Words_RandomValues_NeverLetARecordOverTheUnread()
    {
        Random random = Seed.Take(output).Random();
        int faults = 0, goods = 0;
        for (int run = 0; run < 300; run++)
        {
            using var connection = new Connection();
            ulong written = 0, head = 0, done = 0, sent = 0;
            for (int step = 0; step < 300; step++)
            {
                connection.Head = random.Next(3) == 0 ? head : RandomNear(random, head, written);
                connection.Done = random.Next(3) == 0 ? done : RandomNear(random, done, sent);
                ulong liesHead = connection.Head, liesDone = connection.Done;
                bool isLie = liesHead < head || liesHead > written || liesHead % 64 != 0 || liesDone < done || liesDone > sent;
                Assert.Equal(!isLie, connection.Window.TryRefresh());
                faults += isLie ? 1 : 0;
                goods += isLie ? 0 : 1;
                if (!isLie)
                    (head, done) = (liesHead, liesDone);
                else
                    (connection.Head, connection.Done) = (head, done);

                int length = random.Next(RecordHeader.Bytes, RecordHeader.RecordBytesMax + 1);
                if (connection.Window.TryAdmit(length, 1) == Admission.Admitted)
                {
                    written = connection.Writer.EndOf(length);
                    Assert.True(written + 64 - head <= SegmentLayout.RingBytes);
                    connection.Writer.Write(
                        new RecordHeader(RecordKind.Message, RecordFlags.None, length, 0), [], new byte[length - RecordHeader.Bytes]);
                    sent++;
                    Assert.True(sent - done <= SegmentLayout.MessageCredits);
                }
            }
        }

        Assert.True(faults > 1000 && goods > 1000, $"{faults} lies, {goods} good");
    }

    [Fact]
    public void Words_OfAnHonestReaderBesideManySenders_NeverFault() => Watchdog.Run(() =>
    {
        using var connection = new Connection();
        int messages = TestLevel.Pick(5_000, 40_000, 4_000_000);
        int lookers = 2, faults = 0, looks = 0;
        bool isDone = false;

        // One writes, one reads, the others look at the words without pause, however long each is preempted.
        var threads = new List<Thread>
        {
            Start(() =>
            {
                for (int i = 0; i < messages && faults == 0;)
                {
                    Admission admission = connection.Window.TryAdmit(RecordHeader.Bytes, 1);
                    if (admission == Admission.Admitted)
                    {
                        connection.Writer.Write(Message, [], []);
                        i++;
                    }
                    else if (admission == Admission.PeerFault)
                    {
                        Interlocked.Increment(ref faults);
                    }
                    else
                    {
                        Thread.Yield();
                    }
                }
            }),
            Start(() =>
            {
                byte[] scratch = new byte[RecordHeader.RecordBytesMax];
                for (int i = 0; i < messages && faults == 0;)
                {
                    if (connection.Reader.TryRead(scratch, out _) == RingRead.Record)
                        Volatile.Write(ref connection.Done, (ulong)++i);
                    else
                        Thread.Yield();
                }

                Volatile.Write(ref isDone, true);
            }),
        };
        for (int i = 0; i < lookers; i++)
        {
            threads.Add(Start(() =>
            {
                while (!Volatile.Read(ref isDone) && faults == 0)
                {
                    if (connection.Window.Recheck(1) == Admission.PeerFault || !connection.Window.TryRefresh())
                        Interlocked.Increment(ref faults);
                    if (Interlocked.Increment(ref looks) % 16 == 0)
                        Thread.Yield();
                }
            }));
        }

        foreach (Thread thread in threads)
            Watchdog.Join(thread);
        Assert.Equal(0, faults);
        Assert.True(looks > 0);
        Assert.Equal((ulong)messages, connection.Done);
    });

    private static Thread Start(ThreadStart body)
    {
        var thread = new Thread(body) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static ulong RandomNear(Random random, ulong from, ulong to) => random.Next(6) switch
    {
        0 => from - (ulong)random.Next(1, 200),
        1 => to + (ulong)random.Next(1, 200),
        2 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        _ => from + (ulong)random.NextInt64((long)(to - from) / 64 + 1) * (to - from >= 64 ? 64ul : 0),
    };
}
