// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Transactions: answered once, by anybody, at any time; sizes are all or an error.</summary>
public abstract class TransactionTests(ITestOutputHelper output, Transport transport)
{
    [Fact]
    [Rule("CA-01")]
    public void Complete_ASecondTime_FailsLocallyAndTheFirstReplyArrives()
    {
        var seen = new ConcurrentQueue<string>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                transaction.Complete([7]);
                seen.Enqueue(Record.Exception(() => transaction.Complete([8]))!.GetType().Name);
                seen.Enqueue(transaction.TryComplete((Status)300, []).ToString());
            },
        });
        byte[] reply = new byte[1];
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => pair.Client.Call(1, [], reply)));
            Assert.Equal(7, reply[0]);
        }

        Assert.All(seen.Chunk(2), static pairOf => Assert.Equal([nameof(InvalidOperationException), "False"], pairOf));
    }

    [Fact]
    [Rule("CA-01")]
    public void Complete_ByManyThreadsAtOnce_AnswersOnce()
    {
        int firsts = 0;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => Parallel.For(0, 8, i =>
            {
                if (transaction.TryComplete((Status)(300 + i), [(byte)i]))
                    Interlocked.Increment(ref firsts);
            }),
        });
        byte[] reply = new byte[1];
        for (int i = 0; i < 200; i++)
        {
            CallResult result = Watchdog.Run(() => pair.Client.Call(1, [], reply));
            Assert.Equal(300 + reply[0], (int)result.Status);
        }

        Watchdog.Run(pair.Dispose);
        Assert.Equal(200, firsts);
    }

    [Fact]
    [Rule("CA-01")]
    [Rule("CA-03")]
    public void Complete_OutOfOrderFromAnotherThread_ReachesOnlyItsCaller()
    {
        var waiting = new BlockingCollection<(Transaction Transaction, long Id)>();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => waiting.Add((transaction, BitConverter.ToInt64(transaction.Request))),
        });
        Random random = Seed.Take(output).Random();
        int each = TestLevel.Pick(20, 100, 10_000);
        const int Callers = 16;
        var answering = new Thread(() =>
        {
            var held = new List<(Transaction Transaction, long Id)>();
            foreach ((Transaction Transaction, long Id) one in waiting.GetConsumingEnumerable())
            {
                held.Add(one);
                while (held.Count > random.Next(Callers) || (held.Count > 0 && waiting.Count == 0))
                {
                    int index = random.Next(held.Count);
                    held[index].Transaction.Complete(BitConverter.GetBytes(held[index].Id));
                    held.RemoveAt(index);
                }
            }
        })
        { IsBackground = true, Name = "answering" };
        answering.Start();
        Watchdog.Run(() => Threads.Run(Callers, number =>
        {
            byte[] reply = new byte[8];
            for (int i = 0; i < each; i++)
            {
                long id = (long)number << 32 | (uint)i;
                Assert.Equal(new CallResult(Status.Ok, 8), pair.Client.Call(1, BitConverter.GetBytes(id), reply));
                Assert.Equal(id, BitConverter.ToInt64(reply));
            }
        }));
        waiting.CompleteAdding();
        Watchdog.Join(answering);
    }

    [Fact]
    public void Complete_AfterDisconnect_IsHarmless()
    {
        var asked = new BlockingCollection<Transaction>();
        var gone = new Gate();
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => asked.Add(transaction),
            Disconnect = (_, _) => gone.Open(),
        });
        var calling = new Thread(() => pair.Client.Call(1, [], [])) { IsBackground = true };
        calling.Start();
        Transaction late = Watchdog.Run(() => asked.Take());
        Watchdog.Run(pair.Client.Dispose);
        Watchdog.Join(calling);
        gone.MustOpen("the server's OnDisconnect");
        Assert.True(late.TryComplete(Status.Ok, new byte[Transaction.ReplyBytesMax]));
        Assert.False(late.TryComplete(Status.Ok, []));
        Assert.Throws<InvalidOperationException>(() => late.Complete(Status.Ok));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(Endpoint.PayloadBytesMax - 1)]
    [InlineData(Endpoint.PayloadBytesMax)]
    [Rule("CA-04")]
    public void Request_UpToTheBound_ArrivesWhole(int bytes)
    {
        byte[]? request = null;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                request = transaction.Request.ToArray();
                transaction.Complete(Status.Ok);
            },
        });
        byte[] sent = new byte[bytes];
        Seed.Take(output).Random().NextBytes(sent);
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, sent, [])).IsOk);
        Assert.Equal(sent, request);
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, sent, [], Deadline.After(TimeSpan.FromMinutes(5)))).IsOk);
        Assert.Equal(sent, request);
    }

    [Fact]
    [Rule("CA-04")]
    public void Payload_OverTheBound_IsRefusedBeforeAnythingIsSent()
    {
        using Pair pair = transport.Pair(ScriptedHandler.Echo());
        byte[] large = new byte[Endpoint.PayloadBytesMax + 1];
        ArgumentException error = Assert.Throws<ArgumentException>(() => pair.Client.Call(1, large, []));
        Assert.Contains("513", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => pair.Client.TrySend(1, large));
        Assert.Throws<ArgumentException>(() => pair.Client.Send(1, large));
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.Equal((0L, 1L), (pair.Client.Statistics.MessagesSent, pair.Client.Statistics.RequestsSent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Transaction.ReplyBytesMax - 1)]
    [InlineData(Transaction.ReplyBytesMax)]
    [Rule("CA-04")]
    public void Reply_UpToTheBound_ArrivesWholeOrNotAtAll(int bytes)
    {
        byte[] expected = new byte[bytes];
        Seed.Take(output).Random().NextBytes(expected);
        using Pair pair = transport.Pair(new ScriptedHandler { Transaction = (_, transaction) => transaction.Complete(expected) });
        byte[] reply = new byte[bytes + 1];
        Assert.Equal(new CallResult(Status.Ok, bytes), Watchdog.Run(() => pair.Client.Call(1, [], reply)));
        Assert.Equal(expected, reply[..bytes]);
        Assert.Equal(new CallResult(Status.Ok, bytes), Watchdog.Run(() => pair.Client.Call(1, [], reply.AsSpan(0, bytes))));
        if (bytes == 0)
            return;

        byte[] small = Enumerable.Repeat((byte)0xEE, bytes - 1).ToArray();
        CallResult result = Watchdog.Run(() => pair.Client.Call(1, [], small));
        Assert.Equal(new CallResult(Status.ReplyTooLarge, bytes), result);
        Assert.All(small, static value => Assert.Equal(0xEE, value));
    }

    // CallResult.Length: "in the caller's buffer if the status is not ReplyTooLarge".
    [Fact]
    [Rule("CA-04")]
    public void Reply_WithAStatusOfItsOwnAndTooLarge_NeverClaimsBytesThatAreNotThere()
    {
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) => transaction.Complete((Status)300, new byte[100]),
        });
        byte[] small = new byte[10];
        CallResult result = Watchdog.Run(() => pair.Client.Call(1, [], small));
        Assert.True(result.Status == Status.ReplyTooLarge || result.Length <= small.Length, $"{result}");
        Assert.Equal(new CallResult((Status)300, 100), Watchdog.Run(() => pair.Client.Call(1, [], new byte[100])));
    }

    [Fact]
    [Rule("CA-04")]
    public void Reply_OverTheBound_IsTheHandlersMistakeAndCanBeAnsweredStill()
    {
        Exception? error = null;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                error = Record.Exception(() => transaction.Complete(new byte[Transaction.ReplyBytesMax + 1]));
                transaction.Complete([5]);
            },
        });
        Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => pair.Client.Call(1, [], new byte[1])));
        Assert.IsType<ArgumentException>(error);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(9, false)]
    [InlineData(12, false)]
    [InlineData(255, false)]
    [InlineData(256, true)]
    [InlineData(65_535, true)]
    [InlineData(65_536, false)]
    [InlineData(-1, false)]
    [InlineData(int.MinValue, false)]
    public void Status_ThatAHandlerGives_ArrivesIfItIsAHandlersWord(int status, bool isInRange)
    {
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                Exception? error = Record.Exception(() => transaction.Complete((Status)status));
                if (error is not null)
                    transaction.Complete((Status)(error is ArgumentOutOfRangeException ? 400 : 401));
            },
        });
        Assert.Equal((Status)(isInRange ? status : 400), Watchdog.Run(() => pair.Client.Call(1, [], [])).Status);
    }

    [Fact]
    public void Request_AfterItWasAnswered_SaysThatItIsGone()
    {
        var asked = new BlockingCollection<Transaction>();
        using Pair pair = transport.Pair(new ScriptedHandler { Transaction = (_, transaction) => asked.Add(transaction) });
        var calling = new Thread(() => pair.Client.Call(1, [1, 2], [])) { IsBackground = true };
        calling.Start();
        Transaction held = Watchdog.Run(() => asked.Take());
        Assert.Equal([1, 2], held.Request.ToArray());
        held.Complete(Status.Ok);
        Watchdog.Join(calling);
        Watchdog.Until(() => Record.Exception(() => held.Request.Length) is InvalidOperationException, "the end of the request");
        Assert.True(held.CancellationToken.IsCancellationRequested);
    }

    // Its handlers run inline, and leave the answer for later: nobody may ever give it.
    [Fact]
    [Rule("SE-03")]
    [Rule("CA-07")]
    public void Transaction_LeftUnanswered_IsChargedUntilItIsAnsweredOrTheConnectionEnds()
    {
        var left = new ConcurrentQueue<Transaction>();
        var handler = new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (transaction.Operation == 1)
                    transaction.Complete([]);
                else
                    left.Enqueue(transaction);
            },
        };
        var client = new NoticingHandler();
        using Pair pair = transport.Pair(handler, client, listenerOptions: new ListenerOptions { MaxTransactionsPerUser = 2 });
        Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Task<CallResult> first = pair.Client.CallAsync(2, [], Memory<byte>.Empty).AsTask();
        Task<CallResult> second = pair.Client.CallAsync(2, [], Memory<byte>.Empty).AsTask();
        Watchdog.Until(() => pair.Listener.Statistics.Charged.Transactions == 2, "two that are left");
        Assert.Equal(Status.QuotaExceeded, Watchdog.Run(() => pair.Client.Call(2, [], [])).Status);

        Assert.True(left.TryDequeue(out Transaction answered));
        answered.Complete([]);
        Watchdog.Until(() => first.IsCompleted || second.IsCompleted, "the answer");
        Watchdog.Until(() => pair.Listener.Statistics.Charged.Transactions == 1, "its charge");

        // A user's limit is no refusal of this connection, so nothing says that it is over.
        Watchdog.Run(pair.Client.Dispose);
        Assert.Equal(0, client.Notices);
        Watchdog.Until(() => pair.Listener.Statistics.Charged == default, "the charge of the one that was never answered");
        Assert.True(left.TryDequeue(out Transaction late));
        late.Complete([]); // To nobody.
        Assert.Equal(default, pair.Listener.Statistics.Charged);
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : TransactionTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : TransactionTests(output, Transport.InProcess);
}
