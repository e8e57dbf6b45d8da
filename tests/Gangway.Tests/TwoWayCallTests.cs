// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>The listening side calls its clients, blocking and awaited, while they call it.</summary>
[Rule("CA-10")]
public abstract class TwoWayCallTests(ITestOutputHelper output, Transport transport)
{
    [Fact]
    public void Server_CallsItsClient_BlockingAndAwaited()
    {
        var held = new Held();
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), held.Handler());
        Endpoint server = Awaited.ServerOf(pair);
        for (int round = 0; round < TestLevel.Pick(10, 100, 10_000); round++)
        {
            // The blocking caller parks in private: the client answers only when it sleeps.
            byte[] request = BitConverter.GetBytes(round), reply = new byte[4], other = new byte[4];
            long parks = server.Statistics.Parks;
            Task<CallResult> blocking = Task.Run(() => server.Call(1, request, reply));
            held.MustBe(1);
            Watchdog.Until(() => server.Statistics.Parks > parks, "the caller to sleep");
            Task<CallResult> awaited = server.CallAsync(1, [9, 8, 7, 6], other).AsTask();
            held.MustBe(2);
            held.AnswerAll();
            Assert.Equal(new CallResult(Status.Ok, 4), Awaited.Get(blocking));
            Assert.Equal(new CallResult(Status.Ok, 4), Awaited.Get(awaited));
            Assert.Equal(request, reply);
            Assert.Equal([9, 8, 7, 6], other);
        }

        // A client cannot move these sleepers: it was never asked to wake one.
        Assert.Equal(0, pair.Client.Statistics.Wakes);
    }

    [Fact]
    [Rule("CA-05")]
    public void Server_ThatCallsASilentClient_StopsAtItsDeadline()
    {
        var held = new Held();
        using Pair pair = transport.Pair(ScriptedHandler.Echo(), held.Handler());
        Endpoint server = Awaited.ServerOf(pair);
        for (int round = 0; round < 10; round++)
        {
            Deadline deadline = Deadline.After(TimeSpan.FromMilliseconds(5));
            Assert.Equal(Status.DeadlineExceeded, Watchdog.Run(() => server.Call(1, [], [], deadline)).Status);
            Assert.True(deadline.HasPassed);
            deadline = Deadline.After(TimeSpan.FromMilliseconds(5));
            Assert.Equal(Status.DeadlineExceeded, Awaited.Get(server.CallAsync(1, [], Memory<byte>.Empty, deadline)).Status);
            Assert.True(deadline.HasPassed);
        }

        held.AnswerAll();
        Task<CallResult> call = Task.Run(() => server.Call(1, [7], new byte[1]));
        Watchdog.Until(() => { held.AnswerAll(); return call.IsCompleted; }, "the answer");
        Assert.Equal(new CallResult(Status.Ok, 1), call.Result);
    }

    // Both directions, all kinds, then an end in the middle; nothing hangs and no reply is another's.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Rule("SH-01")]
    public void Both_CallEachOther_UntilOneEnds(bool clientEnds)
    {
        const int Blocking = 3, Awaiting = 6;
        Seed seed = Seed.Take(output);
        int rounds = TestLevel.Pick(2, 6, 1_000);
        long ok = 0;
        for (int round = 0; round < rounds; round++)
        {
            var slow = new BlockingCollection<Transaction>();
            ScriptedHandler Serving() => new()
            {
                Transaction = (endpoint, transaction) =>
                {
                    if (transaction.Operation == 2 && !slow.IsAddingCompleted)
                        slow.Add(transaction);
                    else
                        ScriptedHandler.Echo(endpoint, transaction);
                },
            };
            var answering = new Thread(() =>
            {
                foreach (Transaction transaction in slow.GetConsumingEnumerable())
                    transaction.TryComplete(Status.Ok, transaction.Request);
            })
            { IsBackground = true, Name = "answering" };
            answering.Start();
            using Pair pair = transport.Pair(Serving(), Serving());
            Endpoint[] sides = [pair.Client, Awaited.ServerOf(pair)];
            long before = Volatile.Read(ref ok);
            var callers = new List<Task<bool>>();
            for (int number = 0; number < 2 * (Blocking + Awaiting); number++)
            {
                Endpoint side = sides[number % 2];
                Random random = seed.Random(round * 100 + number);
                int id = number << 24;
                callers.Add(number < 2 * Blocking
                    ? Task.Factory.StartNew(() => CallBlocking(side, random, id), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    : Task.Run(() => CallAwaiting(side, random, id)));
            }

            Watchdog.Until(() => Volatile.Read(ref ok) - before > 2_000, "some calls");
            Watchdog.Run(clientEnds ? sides[0].Dispose : sides[1].Dispose);
            Assert.All(callers, static caller => Assert.True(Awaited.Get(caller)));
            Watchdog.Until(() => sides.All(static side => side.State == EndpointState.Destroyed), "both ends");
            slow.CompleteAdding();
            Watchdog.Join(answering);
            Watchdog.Until(() => sides.All(Awaited.IsRetired), "the memory");
        }

        output.WriteLine($"{ok} calls");

        bool CallBlocking(Endpoint side, Random random, int id)
        {
            byte[] reply = new byte[8];
            while (true)
            {
                byte[] request = BitConverter.GetBytes((long)id++);
                if (!Judge(side.Call((uint)random.Next(1, 3), request, reply), request, reply))
                    return true;
            }
        }

        async Task<bool> CallAwaiting(Endpoint side, Random random, int id)
        {
            byte[] reply = new byte[8];
            while (true)
            {
                byte[] request = BitConverter.GetBytes((long)id++);
                if (!Judge(await side.CallAsync((uint)random.Next(1, 3), request, reply).ConfigureAwait(false), request, reply))
                    return true;
            }
        }

        bool Judge(CallResult result, byte[] request, byte[] reply)
        {
            if (result.Status is Status.NotConnected or Status.NotSent or Status.OutcomeUnknown)
                return false;
            if (result != new CallResult(Status.Ok, 8) || !reply.AsSpan().SequenceEqual(request))
                throw new InvalidOperationException($"{result}");
            Interlocked.Increment(ref ok);
            return true;
        }
    }

    // Each side's handler calls the other side's before it answers: strands of both, suspended, and no lock-up.
    [Fact]
    public void Handler_ThatCallsBackAwaiting_GetsItsAnswer()
    {
        using Pair pair = transport.Pair(
            new CallBack(),
            new ScriptedHandler { Transaction = ScriptedHandler.Echo });
        for (byte round = 0; round < 100; round++)
        {
            byte[] reply = new byte[2];
            Assert.Equal(new CallResult(Status.Ok, 2), Awaited.Get(pair.Client.CallAsync(1, [round, 1], reply)));
            Assert.Equal([round, 1], reply);
            Assert.Equal(new CallResult(Status.Ok, 2), Watchdog.Run(() => pair.Client.Call(2, [round, 2], reply)));
            Assert.Equal([round, 2], reply);
        }
    }

    private sealed class CallBack : EndpointHandler
    {
        public override async ValueTask OnTransactionAsync(Endpoint endpoint, Transaction transaction)
        {
            byte[] reply = new byte[8], request = transaction.Request.ToArray();
            CallResult result = transaction.Operation == 1
                ? await endpoint.CallAsync(1, request, reply)
                : endpoint.Call(1, request, reply);
            transaction.Complete(result.Status, reply.AsSpan(0, result.Length));
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : TwoWayCallTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : TwoWayCallTests(output, Transport.InProcess);
}
