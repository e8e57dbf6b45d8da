// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Globalization;

namespace Gangway.Tests;

/// <summary>What a handler leaves in its thread's ambient state is nobody else's: the next one may be another client's.</summary>
[Rule("SE-04")]
public sealed class AmbientStateTests
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
        using Pair pair = Pair.Make(new AwaitingHandler
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

    [Fact]
    public void WhatAPostedCallbackSets_TheNextOneDoesNotFind()
    {
        using var strand = new Strand();
        Gate inside = new(), mayGoOn = new(), done = new();
        string? found = "nothing ran";

        // Both of one turn, and so on one thread.
        strand.Post(_ =>
        {
            inside.Open();
            mayGoOn.Pass();
            s_user.Value = "alice";
        });
        inside.MustOpen("the first callback");
        strand.Post(_ =>
        {
            found = s_user.Value;
            done.Open();
        });
        mayGoOn.Open();
        done.MustOpen("the second callback");
        Assert.Null(found);
    }

    [Fact]
    public void Handlers_DoNotFindWhatWasSetWhereTheirThreadsWereMade()
    {
        // A server made inside of a request of something else: its threads are not that request's.
        string? found = "nothing ran";
        s_user.Value = "alice";
        try
        {
            using Pair pair = Pair.Make(new ScriptedHandler
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
}
