// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A handler made of functions; what a test does not set behaves as the base class does.</summary>
internal sealed class ScriptedHandler : EndpointHandler
{
    internal delegate void MessageAction(Endpoint endpoint, Message message);

    internal delegate void TransactionAction(Endpoint endpoint, Transaction transaction);

    internal Action<Endpoint>? Appear { get; init; }

    internal Action<Endpoint>? Connect { get; init; }

    internal MessageAction? Message { get; init; }

    internal TransactionAction? Transaction { get; init; }

    internal Action<Endpoint, DisconnectReason>? Disconnect { get; init; }

    internal Func<Endpoint, Task>? DisconnectAsync { get; init; }

    internal Action<Endpoint>? Disappear { get; init; }

    /// <summary>Answers each request with its own bytes, cut to what a reply takes.</summary>
    internal static ScriptedHandler Echo() => new() { Transaction = Echo };

    internal static void Echo(Endpoint endpoint, Transaction transaction)
    {
        ReadOnlySpan<byte> request = transaction.Request;
        transaction.Complete(request[..Math.Min(request.Length, Gangway.Transaction.ReplyBytesMax)]);
    }

    public override void OnAppear(Endpoint endpoint) => Appear?.Invoke(endpoint);

    public override void OnConnect(Endpoint endpoint) => Connect?.Invoke(endpoint);

    public override void OnMessage(Endpoint endpoint, Message message) => Message?.Invoke(endpoint, message);

    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        if (Transaction is null)
            base.OnTransaction(endpoint, transaction);
        else
            Transaction(endpoint, transaction);
    }

    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason) => Disconnect?.Invoke(endpoint, reason);

    public override async ValueTask OnDisconnectAsync(Endpoint endpoint, DisconnectReason reason)
    {
        await base.OnDisconnectAsync(endpoint, reason);
        if (DisconnectAsync is not null)
            await DisconnectAsync(endpoint);
    }

    public override void OnDisappear(Endpoint endpoint) => Disappear?.Invoke(endpoint);
}
