// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A strand that is disposed while a handler holds it, perhaps for ever: what waits behind the handler ends all the same.</summary>
[Rule("DI-03")]
public sealed class StrandDisposeTests
{
    private const uint Hold = 1;
    private const uint Ask = 2;
    private const int Queued = 10;

    // The handler blocks its thread, on the loop's or elsewhere, or awaits.
    [Theory]
    [InlineData(Dispatch.Inline, false)]
    [InlineData(Dispatch.Inline, true)]
    [InlineData(Dispatch.Strand, false)]
    [InlineData(Dispatch.Strand, true)]
    public void Dispose_WithAHandlerThatDoesNotEnd_AnswersWhatWaits(Dispatch where, bool awaits)
    {
        Gate inside = new(), goOn = new();
        int asked = 0, posts = 0, disconnects = 0;
        var statuses = new List<Status>();
        using var strand = new Strand();
        using Pair pair = Pair.Make(
            new AwaitingHandler
            {
                Where = _ => where,
                Transaction = async (_, transaction) =>
                {
                    if (transaction.Operation == Ask)
                        Interlocked.Increment(ref asked);
                    else if (awaits)
                        await HoldAsync();
                    else
                        HoldAsync().Wait();
                    transaction.Complete([]);
                },
                Disconnect = (_, _) => Interlocked.Increment(ref disconnects),
            },
            listenerOptions: new ListenerOptions { Strand = strand });
        Task<CallResult> held = pair.Client.CallAsync(Hold, [], default).AsTask();
        inside.MustOpen("the handler that holds the strand");
        Task<CallResult>[] queued = [.. Enumerable.Range(0, Queued).Select(_ => pair.Client.CallAsync(Ask, [], default).AsTask())];
        for (int i = 0; i < Queued; i++)
            Assert.Equal(Status.Ok, pair.Client.Send(Ask, []));
        Watchdog.Until(() => pair.Server.Statistics.RequestsReceived == 1 + Queued, "the requests");
        Watchdog.Until(() => pair.Server.Statistics.MessagesReceived == Queued, "the messages");
        for (int i = 0; i < Queued; i++)
            strand.Post(Note);
        Watchdog.Run(strand.Dispose);
        foreach (Task<CallResult> call in queued)
            Assert.Equal(Status.Cancelled, Awaited.Get(call).Status);

        // And what comes behind it.
        Assert.Equal(Status.Cancelled, Watchdog.Run(() => pair.Client.Call(Ask, [], [])).Status);
        strand.Post(Note);
        if (awaits)
            Watchdog.Until(() => Volatile.Read(ref posts) == Queued + 1, "the callbacks");
        Assert.False(held.IsCompleted);
        Assert.Equal(0, disconnects);

        goOn.Open();
        Assert.True(Awaited.Get(held).IsOk);
        Watchdog.Until(() => Volatile.Read(ref posts) == Queued + 1, "the callbacks");
        Assert.All(statuses, static status => Assert.Equal(Status.Cancelled, status));
        pair.Dispose();
        Assert.Equal((0, Queued + 1, 1), (asked, posts, disconnects));

        async Task HoldAsync()
        {
            inside.Open();
            if (awaits)
                await goOn.Opened;
            else
                goOn.Pass();
        }

        void Note(Status status)
        {
            statuses.Add(status);
            Interlocked.Increment(ref posts);
        }
    }

    // Requests that come while it is disposed, at any moment: each is handled or refused, and none is left behind the handler.
    [Fact]
    public void Dispose_WhileRequestsArrive_AnswersEach()
    {
        int rounds = TestLevel.Pick(20, 100, 10_000);
        for (int round = 0; round < rounds; round++)
        {
            Gate inside = new(), goOn = new();
            using var strand = new Strand();
            string address = TestDirectory.NextAddress();
            using var listener = new Listener(
                address,
                new AwaitingHandler
                {
                    Transaction = async (_, transaction) =>
                    {
                        if (transaction.Operation == Hold)
                        {
                            inside.Open();
                            await goOn.Opened;
                        }

                        transaction.Complete([]);
                    },
                },
                new ListenerOptions { Strand = strand });
            using Endpoint client = Domain.Connect(address);
            using Endpoint other = Domain.Connect(address);
            Task<CallResult> held = client.CallAsync(Hold, [], default).AsTask();
            inside.MustOpen("the handler that holds the strand");
            Threads.Run(3, number =>
            {
                if (number == 2)
                {
                    Thread.SpinWait(round * 100);
                    strand.Dispose();
                    return;
                }

                Endpoint caller = number == 0 ? client : other;
                Task<CallResult>[] calls = [.. Enumerable.Range(0, 20).Select(_ => caller.CallAsync(Ask, [], default).AsTask())];
                foreach (Task<CallResult> call in calls)
                    Assert.Equal(Status.Cancelled, Awaited.Get(call).Status);
            });
            goOn.Open();
            Assert.True(Awaited.Get(held).IsOk);
        }
    }
}
