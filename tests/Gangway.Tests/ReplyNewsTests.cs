// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>
/// A handler on the loop's thread leaves the news of its replies to the end of the loop's poll. Here it never gets there.
/// </summary>
[Rule("DI-04")]
public sealed class ReplyNewsTests
{
    private const uint Hold = 1;
    private const uint Stay = 2;

    [Theory]
    [InlineData(false)] // It answers while the loop is its thread's, and whoever takes the loop tells of it.
    [InlineData(true)] // It answers when the loop is another thread's.
    public void Reply_OfAHandlerThatStays_ReachesItsCaller(bool answersLate)
    {
        // A busy machine may send a handler elsewhere, or have one seem slow: then with another connection and operation.
        bool wasKept = false;
        for (int attempt = 0; attempt < 200 && !wasKept; attempt++)
            wasKept = TryStay(Stay + (uint)attempt, answersLate);
        Assert.True(wasKept);
    }

    private static bool TryStay(uint operation, bool answersLate)
    {
        var goOn = new Gate();
        var isHeld = new Gate();
        bool wasKept = false;
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (transaction.Operation == Hold)
                {
                    isHeld.Open();
                    return;
                }

                if (transaction.Request.IsEmpty)
                {
                    transaction.Complete([]);
                    return;
                }

                ThreadRole role = ThreadRole.Current;
                wasKept = role.Inline is not null;
                if (answersLate && role.Loop is { } loop)
                    Watchdog.Until(() => !loop.HasLoop, "the takeover");
                transaction.Complete([1]);
                goOn.Pass();
            },
        });

        // Of a quick operation only is the news kept.
        for (int i = 0; i < 20; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(operation, [], [])).IsOk);

        // While this one is out, no other is polled for: its caller has gone on, and must be told.
        Task<CallResult> held = pair.Client.CallAsync(Hold, [], default).AsTask();
        isHeld.MustOpen("the call that is held");
        try
        {
            Task<CallResult> stays = pair.Client.CallAsync(operation, [0], new byte[1]).AsTask();
            Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => stays.Result));
        }
        finally
        {
            goOn.Open();
        }

        Assert.False(held.IsCompleted);
        return wasKept;
    }

    [Fact]
    public void Replies_OfTwoRequestsInOneRun_ReachBothCallers()
    {
        Transaction first = default;
        bool hasFirst = false;
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (!hasFirst)
                {
                    first = transaction;
                    hasFirst = true;
                    return;
                }

                first.Complete([1]);
                transaction.Complete([2]);
            },
        });

        byte[][] replies = [new byte[1], new byte[1]];
        Task<CallResult>[] calls = [.. replies.Select((reply, i) => pair.Client.CallAsync((uint)i, [], reply).AsTask())];
        Watchdog.Run(() => Task.WaitAll(calls));
        Assert.All(calls, static call => Assert.Equal(new CallResult(Status.Ok, 1), call.Result));
        Assert.Equal([1, 2], replies.Select(static reply => reply[0]));
    }
}
