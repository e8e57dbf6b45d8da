// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Deadlines of awaited and blocking calls: never early, they travel, are inherited, and end their own call only.</summary>
[Rule("CA-05")]
public abstract class CallDeadlineTests(ITestOutputHelper output, Transport transport)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deadline_OfACall_TravelsAndIsNeverEarly(bool isBlocking)
    {
        var seen = new ConcurrentQueue<Deadline>();
        using Pair pair = transport.Pair(new ScriptedHandler { Transaction = (_, transaction) => seen.Enqueue(transaction.Deadline) });
        for (int round = 0; round < TestLevel.Pick(5, 30, 60); round++)
        {
            Deadline deadline = Deadline.After(TimeSpan.FromMicroseconds(1_000 + 777 * round));
            CallResult result = isBlocking
                ? Watchdog.Run(() => pair.Client.Call(1, [], [], deadline))
                : Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty, deadline));
            Assert.True(deadline.HasPassed);
            Assert.Equal(new CallResult(Status.DeadlineExceeded, 0), result);
            while (seen.TryDequeue(out Deadline one))
                Assert.Equal(deadline, one);
        }
    }

    [Fact]
    public void Deadline_ThatHasPassed_SendsNothing()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        Assert.Equal(
            Status.DeadlineExceeded, Awaited.Get(pair.Client.CallAsync(1, [], Memory<byte>.Empty, Deadline.After(TimeSpan.Zero))).Status);
        Assert.Equal(0, pair.Client.Statistics.RequestsSent);
    }

    public enum Nested
    {
        Blocking,
        Awaited,
    }

    [Theory]
    [InlineData(Nested.Blocking)]
    [InlineData(Nested.Awaited)]
    public void Deadline_OfANestedCall_IsTheEarlierOfBoth(Nested nested)
    {
        Deadline seen = default, own = default;
        using Pair inner = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                seen = transaction.Deadline;
                transaction.Complete(Status.Ok);
            },
        });
        using Pair outer = transport.Pair(new NoticingHandler
        {
            Transaction = async transaction =>
            {
                CallResult result = nested == Nested.Blocking
                    ? inner.Client.Call(1, [], [], own)
                    : await inner.Client.CallAsync(1, [], Memory<byte>.Empty, own);

                // Behind an await the call is still nested in this one.
                if (result.IsOk && nested == Nested.Awaited)
                    result = await inner.Client.CallAsync(1, [], Memory<byte>.Empty, own);
                transaction.Complete(result.Status);
            },
        });
        Deadline soon = Deadline.After(TimeSpan.FromMinutes(2)), later = Deadline.After(TimeSpan.FromMinutes(3));
        Assert.Equal(soon, Nest(soon, default));
        Assert.Equal(soon, Nest(soon, later));
        Assert.Equal(soon, Nest(later, soon));
        Assert.Equal(later, Nest(default, later));

        // Never without one: every cycle ends.
        Deadline before = Deadline.After(TimeSpan.FromSeconds(30));
        Deadline given = Nest(default, default);
        Assert.False(given.IsNever);
        Assert.InRange(given.Nanoseconds, before.Nanoseconds, Deadline.After(TimeSpan.FromSeconds(30)).Nanoseconds);

        Deadline Nest(Deadline ofOuter, Deadline ofInner)
        {
            own = ofInner;
            Assert.True(Awaited.Get(outer.Client.CallAsync(1, [], Memory<byte>.Empty, ofOuter)).IsOk);
            return seen;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Request_WhoseTimePassesInTheQueue_IsNotRun(bool isBlocking)
    {
        Gate inside = new(), mayGoOn = new();
        var ran = new ConcurrentQueue<byte>();
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Transaction = transaction =>
            {
                ran.Enqueue(transaction.Request[0]);
                if (transaction.Request[0] == 0)
                {
                    inside.Open();
                    mayGoOn.Pass();
                }

                transaction.Complete(transaction.Request);
                return ValueTask.CompletedTask;
            },
        });

        // With a deadline, so that inside a process it leaves its caller alone (CA-11).
        Task<CallResult> first = pair.Client.CallAsync(1, [0], new byte[1], Deadline.After(TimeSpan.FromMinutes(10))).AsTask();
        inside.MustOpen("the first handler");
        Deadline deadline = Deadline.After(TimeSpan.FromMilliseconds(100));
        Task<CallResult> second = isBlocking
            ? Task.Run(() => pair.Client.Call(1, [1], new byte[1], deadline))
            : pair.Client.CallAsync(1, [1], new byte[1], deadline).AsTask();
        Task<CallResult> third = pair.Client.CallAsync(1, [2], new byte[1]).AsTask();
        Assert.Equal(Status.DeadlineExceeded, Awaited.Get(second).Status);
        mayGoOn.Open();
        Assert.True(Awaited.Get(first).IsOk);
        Assert.True(Awaited.Get(third).IsOk);
        Assert.Equal([0, 2], ran.ToArray());

        // The server answered it all the same: the slot is free again.
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived is 2 or 3, "the requests");
        for (int i = 0; i < 64; i++)
            Assert.True(Awaited.Get(pair.Client.CallAsync(1, [3], new byte[1])).IsOk);
    }

    // The slot's first call asks for a time that is never used; the next call of the slot has none, and must not hear of it.
    [Fact]
    [Rule("CA-01")]
    public void Deadline_OfAnEarlierUseOfASlot_NeverEndsANewerCall()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        var late = new Held();
        using Pair clock = transport.Pair(late.Handler());
        int rounds = TestLevel.Pick(20, 200, 10_000);
        int answered = 0;
        Random random = Seed.Take(output).Random();
        for (int round = 0; round < rounds; round++)
        {
            byte[] request = BitConverter.GetBytes(round), reply = new byte[4];
            Deadline soon = Deadline.After(TimeSpan.FromMicroseconds(random.Next(500, 5_000)));
            Task<CallResult> old = pair.Client.CallAsync(1, request, reply, soon).AsTask();
            Watchdog.Until(() => held.Count == 1 || old.IsCompleted, "the request");
            held.AnswerAll();
            CallResult result = Awaited.Get(old);
            answered += result.IsOk ? 1 : 0;
            Assert.True(result.IsOk || (result.Status == Status.DeadlineExceeded && soon.HasPassed));

            bool isBlocking = random.Next(4) == 0;
            Deadline own = random.Next(3) == 0 ? Deadline.After(TimeSpan.FromMinutes(5)) : default;
            request = BitConverter.GetBytes(-round - 1);
            Task<CallResult> call = isBlocking
                ? Task.Run(() => pair.Client.Call(1, request, reply, own))
                : pair.Client.CallAsync(1, request, reply, own).AsTask();

            // The same wheel comes past the old time.
            Assert.Equal(Status.DeadlineExceeded, Awaited.Get(clock.Client.CallAsync(
                1, [], Memory<byte>.Empty, Deadline.After(TimeSpan.FromMilliseconds(6)))).Status);
            Assert.True(soon.HasPassed);
            late.AnswerAll();
            Watchdog.Until(() => held.Count > 0, "the request");
            Assert.False(call.IsCompleted);
            Watchdog.Until(
                () =>
                {
                    held.AnswerAll();
                    return call.IsCompleted;
                },
                "the newer call");
            Assert.Equal(new CallResult(Status.Ok, 4), call.Result);
            Assert.Equal(request, reply);
        }

        output.WriteLine($"{answered} of {rounds} were answered in time");
        Assert.InRange(answered, 1, rounds);
    }

    // What the wheel or a token of an earlier use says late, said here on purpose in the middle of a newer one.
    [Fact]
    [Rule("CA-01")]
    public void WordOfAnEarlierUse_ThatComesLate_EndsNothing()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        using var old = new CancellationTokenSource();
        using var own = new CancellationTokenSource();
        for (int round = 0; round < 2; round++)
        {
            Deadline deadline = round == 0 ? default : Deadline.After(TimeSpan.FromMinutes(5));
            ValueTask<CallResult> call = pair.Client.CallAsync(1, [], Memory<byte>.Empty, deadline, own.Token);
            held.MustBe(1);
            Transports.AwaitedCall inSlot = Insides.AwaitedIn(pair.Client, 0);
            inSlot.OnDue(Deadline.Now);
            Assert.False(call.IsCompleted);
            Insides.Invoke(inSlot, "OnCancelled", old.Token);
            Assert.False(call.IsCompleted);
            held.AnswerAll();
            Assert.True(Awaited.Get(call).IsOk);
        }
    }

    // Many timers of different times, ended by replies, by time and by cancel, in any order.
    [Fact]
    public void Deadlines_OfManyCalls_EndTheirOwnCallOnly()
    {
        var held = new Held();
        using Pair pair = transport.Pair(held.Handler());
        Seed seed = Seed.Take(output);
        int[] ends = new int[12];
        bool isDone = false;
        var answering = new Thread(() =>
        {
            Random random = seed.Random(99);
            while (!Volatile.Read(ref isDone))
            {
                if (random.Next(20) == 0)
                    Thread.Sleep(1);
                if (!held.AnswerOne())
                    Thread.Yield();
            }

            held.AnswerAll();
        })
        { IsBackground = true, Name = "answering" };
        answering.Start();
        int each = TestLevel.Pick(100, 600, 50_000);
        Task<bool>[] lanes = [.. Enumerable.Range(0, 24).Select(number => Task.Run(() => Pump(number)))];
        Assert.All(lanes, static lane => Assert.True(Awaited.Get(lane)));
        Volatile.Write(ref isDone, true);
        Watchdog.Join(answering);
        output.WriteLine($"{ends[(int)Status.Ok]} answered, {ends[(int)Status.DeadlineExceeded]} exceeded, {ends[(int)Status.Overloaded]} refused");
        Assert.NotEqual(0, ends[(int)Status.Ok]);
        Assert.NotEqual(0, ends[(int)Status.DeadlineExceeded]);

        async Task<bool> Pump(int number)
        {
            Random random = seed.Random(number);
            byte[] reply = new byte[8];
            for (int i = 0; i < each; i++)
            {
                byte[] request = BitConverter.GetBytes((long)number << 32 | (uint)i);
                Deadline deadline = random.Next(3) == 0 ? default : Deadline.After(TimeSpan.FromMicroseconds(random.Next(1, 3_000)));
                CallResult result = await pair.Client.CallAsync(1, request, reply, deadline);
                Interlocked.Increment(ref ends[(int)result.Status]);
                if (result.IsOk ? !reply.AsSpan().SequenceEqual(request)
                    : result.Status == Status.DeadlineExceeded ? !deadline.HasPassed : result.Status != Status.Overloaded)
                {
                    throw new InvalidOperationException($"{result} of {deadline.Nanoseconds} at {Deadline.Now}");
                }

                if (result.Status == Status.Overloaded)
                    await Task.Yield();
            }

            return true;
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : CallDeadlineTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : CallDeadlineTests(output, Transport.InProcess);
}
