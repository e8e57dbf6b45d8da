// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>A message costs its sender a credit until the receiver completes it, whenever and wherever that is.</summary>
[Rule("CA-13")]
public abstract class MessageCreditTests(ITestOutputHelper output, Transport transport)
{
    private const int Credits = 64;

    [Fact]
    public void Kept_Messages_GiveTheirCreditsBackWhenCompleted()
    {
        var kept = new ConcurrentDictionary<uint, Message>();
        using Pair pair = transport.Pair(Keeping(kept));
        for (uint i = 0; i < Credits; i++)
            Assert.Equal(Status.Ok, pair.Client.TrySend(i, BitConverter.GetBytes(i)));
        Watchdog.Until(() => kept.Count == Credits, "the messages");
        Assert.Equal(Status.Overloaded, pair.Client.TrySend(1, []));

        // Out of order, on threads of others, each twice: each gives one credit.
        uint[] order = [.. Enumerable.Range(0, Credits).Select(static i => (uint)i).OrderBy(static i => i * 37 % Credits)];
        uint next = Credits;
        foreach (uint number in order)
        {
            Message message = kept[number];
            Assert.Equal(number, BitConverter.ToUInt32(message.Payload));
            Assert.True(Watchdog.Run(message.Complete));
            Assert.False(message.Complete());
            Assert.Throws<InvalidOperationException>(() => message.Payload.Length);
            Assert.Equal(Status.Ok, Watchdog.Run(() => pair.Client.Send(next, BitConverter.GetBytes(next))));
            Assert.Equal(Status.Overloaded, pair.Client.TrySend(1, []));
            Watchdog.Until(() => kept.ContainsKey(next), "the message");
            next++;
        }
    }

    // Two services that send to each other without room would else wait for ever.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("CA-09")]
    public void Send_InsideAHandlerWithoutRoom_EndsWithTheHandlersTime(bool isOwnEarlier)
    {
        var kept = new ConcurrentDictionary<uint, Message>();
        var statuses = new ConcurrentQueue<Status>();
        using Pair pair = transport.Pair(
            new ScriptedHandler
            {
                Transaction = (endpoint, transaction) =>
                {
                    Deadline deadline = isOwnEarlier ? Deadline.After(TimeSpan.FromMilliseconds(100)) : Deadline.Never;
                    for (uint i = 0; i <= Credits; i++)
                        statuses.Enqueue(endpoint.Send(i, BitConverter.GetBytes(i), deadline));
                    transaction.Complete([]);
                },
            },
            Keeping(kept));
        // Longer each time, until it is long enough for the handler to begin.
        TimeSpan time = isOwnEarlier ? TimeSpan.FromMinutes(5) : TimeSpan.FromMilliseconds(300);
        Watchdog.Until(
            () =>
            {
                pair.Client.Call(1, [], [], Deadline.After(time));
                time *= 2;
                return !statuses.IsEmpty;
            },
            "a call whose time is enough for the handler to begin");
        Watchdog.Until(() => statuses.Count == Credits + 1, "the end of the last send");
        Assert.Equal(Status.DeadlineExceeded, statuses.Last());
        if (isOwnEarlier)
            Assert.All(statuses.SkipLast(1), static status => Assert.Equal(Status.Ok, status));
    }

    [Fact]
    public void Complete_InsideTheHandler_GivesTheCreditBackBeforeItReturns()
    {
        Gate inside = new(), mayGoOn = new();
        bool? again = null;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, message) =>
            {
                if (message.Operation != 1)
                    return;
                message.Complete();
                again = message.Complete();
                message.Keep();
                inside.Open();
                mayGoOn.Pass();
            },
        });
        Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
        inside.MustOpen("the handler");
        for (int i = 0; i < Credits; i++)
            Assert.Equal(Status.Ok, Watchdog.Run(() => pair.Client.Send(2, [], Deadline.After(TimeSpan.FromMinutes(1)))));
        Assert.Equal(Status.Overloaded, pair.Client.TrySend(2, []));
        Assert.False(again);
        mayGoOn.Open();
        Assert.Equal(Status.Ok, Watchdog.Run(() => pair.Client.Send(2, [])));
    }

    [Fact]
    public void Handler_ThatAwaits_GivesTheCreditBackWhenItEnds()
    {
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int ended = 0;
        using Pair pair = transport.Pair(new NoticingHandler
        {
            Message = async message =>
            {
                await mayGoOn.Task;
                Assert.Equal(3, message.Payload.Length);
                Interlocked.Increment(ref ended);
            },
        });
        int sent = 0;
        while (pair.Client.TrySend(1, [1, 2, 3]) == Status.Ok)
            sent++;
        Assert.Equal(Credits, sent);
        mayGoOn.SetResult();
        Assert.Equal(Status.Ok, Watchdog.Run(() => pair.Client.Send(1, [1, 2, 3])));
        Watchdog.Until(() => Volatile.Read(ref ended) == Credits + 1, "the handlers");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kept_OverTheEndOfTheConnection_CanBeReadAndCompleted(bool endedByPeer)
    {
        var kept = new ConcurrentDictionary<uint, Message>();
        using Pair pair = transport.Pair(Keeping(kept));
        for (uint i = 0; i < 10; i++)
            Assert.Equal(Status.Ok, pair.Client.TrySend(i, BitConverter.GetBytes(i)));
        Watchdog.Until(() => kept.Count == 10, "the messages");
        Endpoint server = pair.Server;
        Watchdog.Run(endedByPeer ? pair.Client.Dispose : server.Dispose);
        Watchdog.Until(() => server.State == EndpointState.Destroyed && Awaited.IsRetired(server), "the end");
        Threads.Run(10, number =>
        {
            Message message = kept[(uint)number];
            Assert.Equal((uint)number, BitConverter.ToUInt32(message.Payload));
            Assert.True(message.Complete());
            Assert.False(message.Complete());
        });
    }

    // Who completes first gives the credit back: handler and thread race, and the sum is right.
    [Fact]
    public void Complete_RacingWithTheHandlersEnd_GivesOneCreditEach()
    {
        using var kept = new BlockingCollection<Message>();
        Seed seed = Seed.Take(output);
        Random random = seed.Random();
        long first = 0;
        using Pair pair = transport.Pair(new ScriptedHandler
        {
            Message = (_, message) =>
            {
                if (random.Next(2) == 0)
                    message.Keep();
                kept.Add(message);
                Thread.SpinWait(random.Next(50));
                if (random.Next(3) == 0 && message.Complete())
                    Interlocked.Increment(ref first);
            },
        });
        Thread[] completing = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            foreach (Message message in kept.GetConsumingEnumerable())
                Interlocked.Add(ref first, message.Complete() ? 1 : 0);
        })
        { IsBackground = true, Name = "completing" })];
        foreach (Thread thread in completing)
            thread.Start();
        int messages = TestLevel.Pick(2_000, 20_000, 3_000_000);
        Watchdog.Run(() =>
        {
            for (int i = 0; i < messages; i++)
                Assert.Equal(Status.Ok, pair.Client.Send((uint)i, BitConverter.GetBytes(i)));
        });
        Watchdog.Until(() => pair.Client.Statistics.MessagesSent == messages && Insides.CreditsOut(pair.Client) == 0, "all credits");
        kept.CompleteAdding();
        foreach (Thread thread in completing)
            Watchdog.Join(thread);
        output.WriteLine($"{messages} messages, {first} completed by hand");
        Assert.InRange(first, 1, messages);
        Assert.Equal(EndpointState.Connected, pair.Client.State);
    }

    private static ScriptedHandler Keeping(ConcurrentDictionary<uint, Message> kept) => new()
    {
        Message = (_, message) =>
        {
            message.Keep();
            Assert.True(kept.TryAdd(message.Operation, message));
        },
    };

    public sealed class OverSharedMemory(ITestOutputHelper output) : MessageCreditTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : MessageCreditTests(output, Transport.InProcess);
}
