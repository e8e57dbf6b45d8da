// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The caller's table of slots: one owner each, generations that only grow, nothing lost.</summary>
[Rule("CA-03")]
public sealed class CallSlotsTests(ITestOutputHelper output) : IDisposable
{
    private const int SlotCount = SegmentLayout.SlotCount;

    private readonly Connection _segments = new();

    public void Dispose() => _segments.Dispose();

    [Fact]
    public void TryTake_AllSlots_EachOnceThenNone()
    {
        CallSlots<ProcessMemory> slots = MakeSlots(out _);
        Assert.True(slots.IsQuiet);
        var taken = new HashSet<int>();
        for (int i = 0; i < SlotCount; i++)
        {
            Assert.True(slots.TryTake(out int slot, out ulong generation));
            Assert.True(taken.Add(slot));
            Assert.Equal(1ul, generation);
        }

        Assert.False(slots.IsQuiet);
        Assert.False(slots.TryTake(out _, out _));
        slots.Release(17);
        Assert.True(slots.TryTake(out int again, out ulong next));
        Assert.Equal((17, 2ul), (again, next));
    }

    [Fact]
    public void Abandon_UntilTheLateReply_KeepsTheSlot()
    {
        CallSlots<ProcessMemory> slots = MakeSlots(out ReplyReader<ProcessMemory> replies);
        var replier = new ReplyWriter<ProcessMemory>(_segments.Writers, _segments.Readers);
        var generations = new ulong[SlotCount];
        for (int i = 0; i < SlotCount; i++)
        {
            Assert.True(slots.TryTake(out int slot, out ulong taken));
            generations[slot] = taken;
            replies.TryWait(slot, slots.Previous(slot), ReplyWaiting.Announce);
            slots.Abandon(slot);
        }

        Assert.True(slots.IsQuiet);
        Assert.Equal(0, slots.Reclaim());
        Assert.False(slots.TryTake(out _, out _));

        Assert.Equal(ReplyWaiting.Announce, replier.Publish(40, generations[40], 3, [1, 2, 3]));
        Assert.Equal(1, slots.Reclaim());
        Assert.Equal(0, slots.Reclaim());
        Assert.True(slots.TryTake(out int freed, out ulong generation));
        Assert.Equal((40, 2ul), (freed, generation));

        // The late reply is not taken for the new one, and the slot polls again.
        Assert.False(replies.HasReply(freed, slots.Previous(freed)));
        Assert.Equal(ReplyWaiting.Polling, replier.Publish(40, generation, 0, []));
    }

    [Fact]
    [Rule("SH-05")]
    public void Reclaim_AfterALie_LeavesItForTheNextCallerToFind()
    {
        CallSlots<ProcessMemory> slots = MakeSlots(out ReplyReader<ProcessMemory> replies);
        Assert.True(slots.TryTake(out int slot, out _));
        slots.Abandon(slot);
        _segments.Writers.Word64(ReplyHeader.SlotOffset(slot)) = ReplyHeader.Pack(99, 0);
        slots.Reclaim();
        Assert.True(slots.TryTake(out int again, out ulong generation));
        Assert.Equal(slot, again);
        Assert.Equal(ReplyRead.PeerFault, replies.TryTake(again, generation, ref slots.Previous(again), [], out _));
    }

    [Fact]
    public void Slots_TakenAbandonedAndReclaimedByManyThreads_NeverHaveTwoOwners() => Watchdog.Run(() =>
    {
        Seed seed = Seed.Take(output);
        CallSlots<ProcessMemory> slots = MakeSlots(out ReplyReader<ProcessMemory> replies);
        var replier = new ReplyWriter<ProcessMemory>(_segments.Writers, _segments.Readers);
        int rounds = TestLevel.Pick(1_000, 20_000, 1_000_000);
        int[] owners = new int[SlotCount];
        ulong[] lastGenerations = new ulong[SlotCount];
        ulong[] requests = new ulong[SlotCount];
        long abandoned = 0, taken = 0, refused = 0;
        bool isDone = false;
        string? failure = null;

        // Answers whatever was asked, some at once, some late.
        var answering = new Thread(() =>
        {
            Random random = seed.Random(100);
            while (!Volatile.Read(ref isDone))
            {
                for (int slot = 0; slot < SlotCount; slot++)
                {
                    ulong generation = Volatile.Read(ref requests[slot]);
                    if (generation == 0 || random.Next(4) == 0)
                        continue;
                    Volatile.Write(ref requests[slot], 0);
                    replier.Publish(slot, generation, (ushort)generation, BitConverter.GetBytes(generation));
                }
            }
        })
        { IsBackground = true, Name = "replier" };
        answering.Start();

        Thread[] callers = Enumerable.Range(1, 8).Select(number => new Thread(() =>
        {
            try
            {
                Random random = seed.Random(number);
                byte[] reply = new byte[8];
                for (int i = 0; i < rounds; i++)
                {
                    if (slots.HasAbandoned)
                        slots.Reclaim();
                    if (!slots.TryTake(out int slot, out ulong generation))
                    {
                        // Until the replier has had its turn; the watchdog is the bound.
                        Interlocked.Increment(ref refused);
                        i--;
                        Thread.Yield();
                        continue;
                    }

                    Assert.Equal(0, Interlocked.CompareExchange(ref owners[slot], number, 0));
                    Assert.True(generation > lastGenerations[slot], "a generation came twice");
                    lastGenerations[slot] = generation;
                    ref ulong previous = ref slots.Previous(slot);
                    Assert.Equal(ReplyRead.Pending, replies.TryTake(slot, generation, ref previous, reply, out _));
                    Volatile.Write(ref requests[slot], generation);
                    int patience = random.Next(3) == 0 ? int.MaxValue : random.Next(200);
                    for (int look = 0; look < patience && !replies.HasReply(slot, previous); look++)
                    {
                        if (look > 100)
                            Thread.Yield();
                    }

                    ReplyRead read = replies.TryTake(slot, generation, ref previous, reply, out int length);
                    Assert.NotEqual(ReplyRead.PeerFault, read);
                    Assert.Equal(number, Interlocked.CompareExchange(ref owners[slot], 0, number));
                    if (read == ReplyRead.Taken)
                    {
                        Assert.Equal((8, generation), (length, BitConverter.ToUInt64(reply)));
                        slots.Release(slot);
                        Interlocked.Increment(ref taken);
                    }
                    else
                    {
                        slots.Abandon(slot);
                        Interlocked.Increment(ref abandoned);
                    }
                }
            }
#pragma warning disable CA1031 // Carried to the test's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, e.ToString(), null);
            }
        })
        { IsBackground = true, Name = $"caller {number}" }).ToArray();
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            Watchdog.Join(caller);
        Assert.Null(failure);

        // Every late reply comes in the end, and then every slot is free again.
        Watchdog.Until(() => { slots.Reclaim(); return !slots.HasAbandoned; }, "the last late reply");
        Volatile.Write(ref isDone, true);
        Watchdog.Join(answering);
        Assert.True(slots.IsQuiet);
        for (int i = 0; i < SlotCount; i++)
            Assert.True(slots.TryTake(out _, out _));
        output.WriteLine($"{taken} taken, {abandoned} abandoned, {refused} refused");
        Assert.True(taken > 0 && abandoned > 0);
    });

    private CallSlots<ProcessMemory> MakeSlots(out ReplyReader<ProcessMemory> replies)
    {
        replies = new ReplyReader<ProcessMemory>(_segments.Writers, _segments.Readers);
        return new CallSlots<ProcessMemory>(replies);
    }
}
