// SPDX-License-Identifier: MIT

namespace Gangway.Samples.WordCount;

/// <summary>Counts the words of each client apart. Handlers of one listener never run at once, so a dictionary is enough.</summary>
internal sealed class WordCountService : EndpointHandler
{
    private readonly Dictionary<Endpoint, Counts> _clients = [];

    public override void OnConnect(Endpoint endpoint) => _clients.Add(endpoint, new Counts());

    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason) => _clients.Remove(endpoint);

    public override void OnMessage(Endpoint endpoint, Message message)
    {
        if (message.Operation == Operations.Text)
            _clients[endpoint].Add(message.Payload);
    }

    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        switch (transaction.Operation)
        {
            case Operations.Totals:
                Span<byte> totals = stackalloc byte[Counts.WireBytes];
                _clients[endpoint].Write(totals);
                transaction.Complete(totals);
                break;
            case Operations.Echo:
                transaction.Complete(transaction.Request);
                break;
            default:
                transaction.Complete(Status.Unimplemented);
                break;
        }
    }
}
