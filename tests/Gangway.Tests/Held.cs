// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>Requests that a server has taken and not answered: the test says when.</summary>
internal sealed class Held
{
    private readonly ConcurrentQueue<(Transaction Transaction, byte[] Request)> _all = new();

    internal int Count => _all.Count;

    /// <summary>A handler that only takes.</summary>
    internal ScriptedHandler Handler() => new() { Transaction = (_, transaction) => Add(transaction) };

    internal void Add(Transaction transaction) => _all.Enqueue((transaction, transaction.Request.ToArray()));

    internal void MustBe(int count) => Watchdog.Until(() => Count == count, $"{count} requests held by the server");

    /// <summary>Answers the oldest with its own bytes.</summary>
    internal bool AnswerOne()
    {
        if (!_all.TryDequeue(out (Transaction Transaction, byte[] Request) one))
            return false;
        one.Transaction.TryComplete(Status.Ok, one.Request.AsSpan(0, Math.Min(one.Request.Length, Transaction.ReplyBytesMax)));
        return true;
    }

    internal void AnswerAll()
    {
        while (AnswerOne())
        {
        }
    }
}
