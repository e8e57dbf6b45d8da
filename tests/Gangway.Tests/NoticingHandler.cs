// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>As <see cref="ScriptedHandler"/>, for handlers that await, choose where they run, or are told that they may send.</summary>
internal sealed class NoticingHandler : EndpointHandler
{
    private int _notices;

    /// <summary>Answers; where it is not set, echoes.</summary>
    internal Func<Transaction, ValueTask>? Transaction { get; init; }

    internal Func<Message, ValueTask>? Message { get; init; }

    internal Action<Endpoint>? SendPossible { get; init; }

    internal Action<Endpoint>? Connect { get; init; }

    internal Dispatch Dispatch { get; init; }

    /// <summary>How often "send possible" came.</summary>
    internal int Notices => Volatile.Read(ref _notices);

    public override Dispatch DispatchOf(uint operation) => Dispatch;

    public override void OnConnect(Endpoint endpoint) => Connect?.Invoke(endpoint);

    public override ValueTask OnTransactionAsync(Endpoint endpoint, Transaction transaction)
    {
        if (Transaction is not null)
            return Transaction(transaction);
        ScriptedHandler.Echo(endpoint, transaction);
        return ValueTask.CompletedTask;
    }

    public override ValueTask OnMessageAsync(Endpoint endpoint, Message message) =>
        Message?.Invoke(message) ?? ValueTask.CompletedTask;

    public override void OnSendPossible(Endpoint endpoint)
    {
        Interlocked.Increment(ref _notices);
        SendPossible?.Invoke(endpoint);
    }
}
