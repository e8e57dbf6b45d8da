// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Bench.Calls;

/// <summary>The service that is measured: sends a request back, and counts messages.</summary>
internal sealed class EchoHandler : EndpointHandler
{
    /// <summary>A call that is answered with its own bytes.</summary>
    public const uint Echo = 1;

    /// <summary>A call that is answered with the number of messages so far, 8 bytes.</summary>
    public const uint Count = 2;

    /// <summary>A message that is counted.</summary>
    public const uint Note = 3;

    /// <summary>A call that is answered when sixteen later ones have come.</summary>
    public const uint Hold = 4;

    /// <summary>A message whose connection this side ends.</summary>
    public const uint Leave = 5;

    private readonly Transaction[] _held = new Transaction[Unanswered.Batch];
    private long _messages;
    private long _holds;

    /// <summary>The endpoint of the one client; null before it connected.</summary>
    public Endpoint? Endpoint { get; private set; }

    /// <inheritdoc/>
    public override Dispatch DispatchOf(uint operation) =>
        operation == FleetHandler.Pause ? Dispatch.Concurrent : Dispatch.Inline;

    /// <inheritdoc/>
    public override void OnConnect(Endpoint endpoint) => Endpoint = endpoint;

    /// <inheritdoc/>
    public override void OnMessage(Endpoint endpoint, Message message)
    {
        if (message.Operation == Note && message.Payload.Length == GangwayCallClient.PayloadBytes)
        {
            _messages++;
        }
        else if (message.Operation == Leave)
        {
            endpoint.Dispose(); // Inside a handler it returns at once.
        }
    }

    /// <inheritdoc/>
    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        if (transaction.Operation == Echo)
        {
            transaction.Complete(transaction.Request);
            return;
        }

        if (transaction.Operation == FleetHandler.Pause)
        {
            FleetHandler.AnswerLater(transaction);
            return;
        }

        if (transaction.Operation == Hold)
        {
            ref Transaction oldest = ref _held[_holds % _held.Length];
            if (_holds++ >= _held.Length)
            {
                oldest.TryComplete(Status.Ok, []);
            }

            oldest = transaction;
            return;
        }

        Span<byte> reply = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(reply, _messages);
        transaction.Complete(reply);
    }
}
