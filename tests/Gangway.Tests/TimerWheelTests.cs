// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The wheel of one reactor: never early, nothing lost, nothing allocated.</summary>
[Rule("CA-05")]
public sealed class TimerWheelTests(ITestOutputHelper output)
{
    private const long Tick = 1L << 20;

    [Fact]
    public void Wheel_RandomProgram_FiresWhatASortedListFires() => Watchdog.Run(() =>
    {
        Random random = Seed.Take(output).Random();
        for (int round = 0; round < TestLevel.Pick(100, 300, 3_000); round++)
        {
            // Some rounds cross the end of the last level: after 2^32 ticks, 52 days.
            long now = random.Next(3) == 0 ? (1L << 52) - random.NextInt64(1L << random.Next(1, 50)) : random.NextInt64(1L << 51);
            var model = new Model(new TimerWheel(now), now, 40);
            for (int i = 0; i < 400; i++)
            {
                Node node = model.Nodes[random.Next(model.Nodes.Length)];
                long deadline = model.Now - Tick + random.NextInt64(1L << random.Next(1, 56));
                switch (random.Next(8))
                {
                    case 0 or 1:
                        model.Request(node, deadline);
                        break;
                    case 2:
                        model.Schedule(node, deadline);
                        break;
                    case 3:
                        node.Again = random.Next(2) == 0 ? deadline : 0;
                        break;
                    case 4:
                        model.Withdraw(node, cancel: random.Next(2) == 0);
                        break;
                    case 5:
                        model.Advance(Math.Max(model.Now, Math.Min(model.Wheel.NextWake, model.Now + (1L << 53))));
                        break;
                    default:
                        model.Advance(model.Now + random.NextInt64(1L << random.Next(1, 54)));
                        break;
                }
            }

            model.RunDown();
        }
    });

    // Each distance lies on another level, or at the border between two; the last ones lie beyond the wheel.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData((1L << 24) - 1)]
    [InlineData(1L << 24)]
    [InlineData((1L << 32) - 1)]
    [InlineData(1L << 32)]
    [InlineData((5L << 32) + 12_345)]
    public void Advance_ToEachNextWake_CascadesAndFiresInItsTick(long ticks) => Watchdog.Run(() =>
    {
        foreach (long start in (long[])[0, 255, 256, 0xFFFFFF, (1L << 32) - 1, (1L << 32) - 256, 0x1234_5678])
        {
            long now = start * Tick + 17;
            var model = new Model(new TimerWheel(now), now, 1);
            model.Schedule(model.Nodes[0], now + ticks * Tick);
            int steps = 0;
            for (; model.Nodes[0].Fires == 0 && steps < 100; steps++)
                model.Advance(model.Wheel.NextWake);
            Assert.Equal((start + ticks + 1) * Tick, model.Now);
            Assert.True(steps <= 4 + (ticks >> 31), $"{steps} steps for {ticks} ticks from {start}");
            Assert.Equal(long.MaxValue, model.Wheel.NextWake);
        }
    });

    [Fact]
    public void Request_EarlierThanTheNextWake_SaysSo()
    {
        var wheel = new TimerWheel(0);
        var node = new Node();
        var other = new Node();
        Assert.Equal(long.MaxValue, wheel.NextWake);
        Assert.True(wheel.Request(node, 50 * Tick));
        Assert.True(wheel.Request(node, 60 * Tick), "it is not announced yet");
        wheel.Advance(1);
        Assert.Equal((60 * Tick, 1), (wheel.NextWake, wheel.Count));
        Assert.False(wheel.Request(node, 70 * Tick));
        Assert.False(wheel.Request(other, 60 * Tick));
        Assert.True(wheel.Request(other, 60 * Tick - 1));
        Assert.False(wheel.Request(other, long.MaxValue));
        Assert.Equal(1, wheel.Count);
    }

    [Fact]
    public void Request_LaterOrWithdrawn_LeavesTheNodeWhereItIs()
    {
        var wheel = new TimerWheel(0);
        var node = new Node();
        wheel.Request(node, 50 * Tick);
        wheel.Advance(1);
        for (int i = 0; i < 100; i++)
        {
            node.Withdraw();
            Assert.False(wheel.Request(node, (60 + i) * Tick));
            wheel.Advance(2);
            Assert.Equal((50 * Tick, 1), (wheel.NextWake, wheel.Count));
        }

        wheel.Advance(50 * Tick);
        Assert.Equal((159 * Tick, 1, 0), (wheel.NextWake, wheel.Count, node.Fires));
        node.Withdraw();
        wheel.Advance(159 * Tick);
        Assert.Equal((long.MaxValue, 0, 0), (wheel.NextWake, wheel.Count, node.Fires));
        wheel.Request(node, 3);
        wheel.Advance(160 * Tick);
        Assert.Equal((long.MaxValue, 0, 1), (wheel.NextWake, wheel.Count, node.Fires));
    }

    [Fact]
    public void OnDue_AskingForThePast_IsCalledInTheNextTurn() => Watchdog.Run(() =>
    {
        var wheel = new TimerWheel(0);
        var node = new Node { Again = 1 };
        node.OnFired = _ => wheel.Request(node, node.Again);
        wheel.Request(node, 1);
        for (int turn = 1; turn < 10; turn++)
        {
            wheel.Advance(turn * Tick);
            Assert.Equal(turn, node.Fires);
            Assert.True(wheel.NextWake <= turn * Tick);
        }

        node.OnFired = _ => wheel.Schedule(node, 1);
        wheel.Advance(10 * Tick);
        wheel.Advance(10 * Tick);
        Assert.Equal((11, 1), (node.Fires, wheel.Count));
    });

    [Fact]
    [Rule("CA-12")]
    public void Wheel_WithAMillionNodes_TakesNoThreadNoDescriptorAndAllocatesNothing() => Watchdog.Run(() =>
    {
        const int Count = 1_000_000;
        Random random = Seed.Take(output).Random();
        Node[] nodes = [.. Enumerable.Range(0, Count).Select(_ => new Node())];
        long[] times = [.. nodes.Select(_ => random.NextInt64(1, 100_000 * Tick))];
        var wheel = new TimerWheel(0);
        Use(wheel, nodes[..1000], times);
        ProcessAccounting held = ProcessAccounting.Take();
        int threads = ThreadCount();

        wheel = new TimerWheel(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int pending = Use(wheel, nodes, times);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((0L, Count), (allocated, pending));
        Assert.All(nodes, static node => Assert.True(node.Fires >= 1));
        Assert.Equal((0, long.MaxValue), (wheel.Count, wheel.NextWake));
        Assert.Equal("", held.Added(ProcessAccounting.Take()));
        Assert.True(ThreadCount() < threads + 16, "a thread for each timer?");

        static int ThreadCount() => Directory.GetDirectories("/proc/self/task").Length;

        // Each node is asked for twice, moved later in place, moved earlier, and fires.
        static int Use(TimerWheel wheel, Node[] nodes, long[] times)
        {
            for (int i = 0; i < nodes.Length; i++)
                wheel.Request(nodes[i], times[i]);
            wheel.Advance(0);
            for (int i = 0; i < nodes.Length; i++)
                wheel.Request(nodes[i], i % 2 == 0 ? times[i] + Tick : times[i] / 2);
            wheel.Advance(0);
            int pending = wheel.Count;
            while (wheel.NextWake != long.MaxValue)
                wheel.Advance(wheel.NextWake);
            return pending;
        }
    });

    // Time flies to the next wake; when that is far, the wheel's thread sleeps until a request says that it must wake.
    // A wish that is lost, or a wake that is not said, is a hang.
    [Fact]
    public void Request_FromManyThreads_IsNeverLostAndFiresOnce() => Watchdog.Run(() =>
    {
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(20_000, 60_000, 1_000_000);
        using var turning = new Turning();
        Threads.Run(4, thread =>
        {
            Random random = seed.Random(thread);
            Node[] nodes = [.. Enumerable.Range(0, 3).Select(_ => new Node())];
            for (int round = 1; round <= rounds; round++)
            {
                foreach (Node node in nodes)
                {
                    long deadline = turning.Now + random.NextInt64(1L << random.Next(1, 32));
                    node.OnFired = now => Assert.True(now >= deadline, "early");
                    turning.Request(node, deadline);
                }

                foreach (Node node in nodes)
                {
                    for (var spin = default(SpinWait); Volatile.Read(ref node.Fires) < round; )
                        spin.SpinOnce(sleep1Threshold: -1);
                    Assert.Equal(round, node.Fires);
                }
            }
        });
        output.WriteLine($"slept {turning.Sleeps} times");
        Assert.True(turning.Sleeps > 0);
    });

    // Threads that share nodes ask, move and withdraw; the last wish of each still fires.
    [Fact]
    public void Withdraw_RacingWithRequestsAndTheWheel_LosesNoLaterWish() => Watchdog.Run(() =>
    {
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(200, 1_000, 20_000);
        Node[] nodes = [.. Enumerable.Range(0, 6).Select(_ => new Node())];
        using var turning = new Turning();
        using var together = new Barrier(3);
        Threads.Run(3, thread =>
        {
            Random random = seed.Random(thread);
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < 60; i++)
                {
                    Node node = nodes[random.Next(nodes.Length)];
                    if (random.Next(2) == 0)
                        node.Withdraw();
                    else
                        turning.Request(node, turning.Now + random.NextInt64(1L << random.Next(1, 32)));
                }

                together.SignalAndWait();
                for (int i = thread; i < nodes.Length; i += 3)
                    nodes[i].Withdraw();
                turning.Settle();
                together.SignalAndWait();
                for (int i = thread; i < nodes.Length; i += 3)
                {
                    int fires = Volatile.Read(ref nodes[i].Fires);
                    turning.Settle();
                    Assert.Equal(fires, Volatile.Read(ref nodes[i].Fires));
                    turning.Request(nodes[i], turning.Now + random.NextInt64(Tick * 300));
                    for (var spin = default(SpinWait); Volatile.Read(ref nodes[i].Fires) == fires; )
                        spin.SpinOnce(sleep1Threshold: -1);
                }

                together.SignalAndWait();
            }
        });
        output.WriteLine($"slept {turning.Sleeps} times");
        Assert.True(turning.Sleeps > 0);
    });

    private static long TickOf(long deadline) => (deadline + Tick - 1) >> 20;

    private sealed class Node : TimerNode
    {
        internal int Fires;
        internal Action<long>? OnFired;

        /// <summary>What it asks for when it fires; 0 for nothing.</summary>
        internal long Again;

        internal override void OnDue(long now)
        {
            OnFired?.Invoke(now);
            Volatile.Write(ref Fires, Fires + 1);
        }
    }

    /// <summary>What the wheel must do, kept in a dictionary.</summary>
    private sealed class Model
    {
        private readonly Dictionary<Node, long> _wanted = [];
        private readonly List<Node> _fired = [];

        internal Model(TimerWheel wheel, long now, int count)
        {
            (Wheel, Now) = (wheel, now);
            Nodes = [.. Enumerable.Range(0, count).Select(_ => new Node())];
            foreach (Node node in Nodes)
            {
                node.OnFired = time =>
                {
                    Assert.Equal(Now, time);
                    Assert.True(_wanted.Remove(node, out long deadline), "nobody asked");
                    Assert.True(deadline <= time, "early");
                    _fired.Add(node);
                    if (node.Again != 0)
                        Request(node, node.Again);
                };
            }
        }

        internal TimerWheel Wheel { get; }

        internal long Now { get; private set; }

        internal Node[] Nodes { get; }

        internal void Request(Node node, long deadline)
        {
            long announced = Wheel.NextWake;
            bool mustWake = Wheel.Request(node, deadline);
            Assert.True(mustWake || announced <= WakeFor(deadline), "a wake was not said");
            _wanted[node] = deadline;
        }

        internal void Schedule(Node node, long deadline)
        {
            Wheel.Schedule(node, deadline);
            _wanted[node] = deadline;
            Assert.True(Wheel.NextWake <= WakeFor(deadline), "it would sleep too long");
        }

        internal void Withdraw(Node node, bool cancel)
        {
            if (cancel)
                Wheel.Cancel(node);
            else
                node.Withdraw();
            _wanted.Remove(node);
        }

        internal void Advance(long now)
        {
            HashSet<Node> due = [.. _wanted.Where(entry => TickOf(entry.Value) <= now >> 20).Select(static entry => entry.Key)];
            Now = now;
            _fired.Clear();
            Wheel.Advance(now);
            Assert.Equal(_fired.Count, _fired.Distinct().Count());
            Assert.True(due.IsSubsetOf(_fired), "late");
            Assert.True(_wanted.Count == 0 || Wheel.NextWake <= WakeFor(_wanted.Values.Min()), "it would sleep too long");
            Assert.InRange(Wheel.Count, _wanted.Count, Nodes.Length);
        }

        internal void RunDown()
        {
            foreach (Node node in Nodes)
                node.Again = 0;
            Advance(Now);
            while (Wheel.NextWake != long.MaxValue)
                Advance(Math.Max(Now, Wheel.NextWake));
            Assert.Empty(_wanted);
            Assert.Equal(0, Wheel.Count);
        }

        // A tick begins when all times before it have come; what has passed is due in this one.
        private long WakeFor(long deadline) => Math.Max(TickOf(deadline), Now >> 20) << 20;
    }

    /// <summary>A thread that turns a wheel as a reactor does.</summary>
    private sealed class Turning : IDisposable
    {
        private const long Far = 1L << 60;

        private readonly TimerWheel _wheel = new(0);
        private readonly Node _far = new();
        private readonly AutoResetEvent _wakeUp = new(false);
        private readonly Thread _thread;
        private long _now = 1;
        private long _turns;
        private bool _isStopping;

        internal Turning()
        {
            _wheel.Schedule(_far, Far);
            _thread = new Thread(Turn) { IsBackground = true, Name = "wheel" };
            _thread.Start();
        }

        internal long Now => Volatile.Read(ref _now);

        internal int Sleeps { get; private set; }

        internal void Request(Node node, long deadline)
        {
            if (_wheel.Request(node, deadline))
                _wakeUp.Set();
        }

        /// <summary>Returns when a turn that began later has ended.</summary>
        internal void Settle()
        {
            long turns = Volatile.Read(ref _turns);
            var spin = default(SpinWait);
            while (Volatile.Read(ref _turns) < turns + 2)
            {
                _wakeUp.Set();
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }

        public void Dispose()
        {
            Volatile.Write(ref _isStopping, true);
            _wakeUp.Set();
            Watchdog.Join(_thread);
            _wakeUp.Dispose();
        }

        private void Turn()
        {
            while (!Volatile.Read(ref _isStopping))
            {
                _wheel.Advance(_now);
                Volatile.Write(ref _turns, _turns + 1);

                // The far one is looked at from lower levels too, long before its time; all others lie nearer than that.
                if (_wheel.NextWake > _now + (1L << 34))
                {
                    Sleeps++;
                    _wakeUp.WaitOne();
                }
                else
                {
                    Volatile.Write(ref _now, Math.Max(_now, _wheel.NextWake));
                }
            }
        }
    }
}
