// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Globalization;

namespace Gangway.Tests;

/// <summary>What a handler leaves in its thread's ambient state is nobody else's: the next one may be another client's.</summary>
[Rule("SE-04")]
public abstract class AmbientStateTests(Transport transport)
{
    private static readonly AsyncLocal<string?> s_user = new();

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void WhatAHandlerSets_TheNextOneDoesNotFind(Dispatch where)
    {
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        var found = new ConcurrentQueue<(string? User, CultureInfo Culture)>();

        // Not async: the builder of an async method would tidy up itself.
        using Pair pair = transport.Pair(new AwaitingHandler
        {
            Where = _ => where,
            Transaction = (_, transaction) =>
            {
                found.Enqueue((s_user.Value, CultureInfo.CurrentCulture));
                s_user.Value = "alice";
                CultureInfo.CurrentCulture = foreign;
                transaction.Complete([]);
                return default;
            },
        });
        for (int i = 0; i < 50; i++)
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        Assert.Equal(50, found.Count);
        Assert.DoesNotContain(found, one => one.User is not null || ReferenceEquals(one.Culture, foreign));
    }

    public enum Sent
    {
        Call,
        CallInTheFlowsAbsence,
        AwaitedCall,
        Message,
    }

    // Inside a process all of the other side's code may run on the sender's own thread.
    [Theory]
    [InlineData(Sent.Call)]
    [InlineData(Sent.CallInTheFlowsAbsence)]
    [InlineData(Sent.AwaitedCall)]
    [InlineData(Sent.Message)]
    public void WhatEitherSideSets_TheOtherDoesNotFind(Sent what)
    {
        var found = new ConcurrentQueue<(string Where, string? User)>();
        using Pair pair = transport.Pair(
            new AwaitingHandler
            {
                Where = _ =>
                {
                    Look("DispatchOf");
                    return Dispatch.Inline;
                },
                Transaction = (_, transaction) =>
                {
                    Look("handler");
                    return Later(transaction);
                },
                Message = (_, _) =>
                {
                    Look("handler");
                    return default;
                },
            },
            listenerOptions: new ListenerOptions
            {
                Permit = (_, _) =>
                {
                    Look("Permit");
                    return true;
                },
            });
        int rounds = 20;
        Watchdog.Run(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                s_user.Value = "the caller";
                AsyncFlowControl? flow = what == Sent.CallInTheFlowsAbsence ? ExecutionContext.SuppressFlow() : null;
                Send(pair.Client);
                Assert.Equal("the caller", s_user.Value);
                Assert.Equal(flow is not null, ExecutionContext.IsFlowSuppressed());
                flow?.Undo();
            }
        });
        Watchdog.Until(() => found.Count(static one => one.Where == "handler") == rounds, "the handlers");
        Assert.Equal(rounds * (what == Sent.Message ? 3 : 4), found.Count);
        Assert.DoesNotContain(found, static one => one.User != (one.Where == "behind an await" ? "handler" : null));

        void Look(string where)
        {
            found.Enqueue((where, s_user.Value));
            s_user.Value = where;
        }

        async ValueTask Later(Transaction transaction)
        {
            await Task.Yield();
            found.Enqueue(("behind an await", s_user.Value));
            transaction.Complete([]);
        }

        void Send(Endpoint client)
        {
            if (what == Sent.Message)
                Assert.Equal(Status.Ok, client.Send(1, []));
            else if (what == Sent.AwaitedCall)
                Assert.True(client.CallAsync(1, [], Memory<byte>.Empty).AsTask().GetAwaiter().GetResult().IsOk);
            else
                Assert.True(client.Call(1, [], []).IsOk);
        }
    }

    [Fact]
    public void Handlers_DoNotFindWhatWasSetWhereTheirThreadsWereMade()
    {
        // A server made inside of a request of something else: its threads are not that request's.
        string? found = "nothing ran";
        s_user.Value = "alice";
        try
        {
            using Pair pair = transport.Pair(new ScriptedHandler
            {
                Transaction = (_, transaction) =>
                {
                    found = s_user.Value;
                    transaction.Complete([]);
                },
            });
            Assert.True(Watchdog.Run(() => pair.Client.Call(1, [], [])).IsOk);
        }
        finally
        {
            s_user.Value = null;
        }

        Assert.Null(found);
    }

    public sealed class OverSharedMemory() : AmbientStateTests(Transport.SharedMemory);

    public sealed class InsideAProcess() : AmbientStateTests(Transport.InProcess);
}
