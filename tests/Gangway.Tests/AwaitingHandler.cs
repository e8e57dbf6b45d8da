// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A handler made of functions that may await; what a test does not set behaves as the base class does.</summary>
internal sealed class AwaitingHandler : EndpointHandler
{
    internal Func<Endpoint, Transaction, ValueTask>? Transaction { get; init; }

    internal Func<Endpoint, Message, ValueTask>? Message { get; init; }

    internal Func<uint, Dispatch>? Where { get; init; }

    internal Action<Endpoint>? SendPossible { get; init; }

    internal Action<Endpoint, DisconnectReason>? Disconnect { get; init; }

    public override Dispatch DispatchOf(uint operation) => Where?.Invoke(operation) ?? Dispatch.Inline;

    public override ValueTask OnTransactionAsync(Endpoint endpoint, Transaction transaction) =>
        Transaction?.Invoke(endpoint, transaction) ?? base.OnTransactionAsync(endpoint, transaction);

    public override ValueTask OnMessageAsync(Endpoint endpoint, Message message) =>
        Message?.Invoke(endpoint, message) ?? base.OnMessageAsync(endpoint, message);

    public override void OnSendPossible(Endpoint endpoint) => SendPossible?.Invoke(endpoint);

    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason) => Disconnect?.Invoke(endpoint, reason);
}
