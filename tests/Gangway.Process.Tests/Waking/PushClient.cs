// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;

namespace Gangway.Process.Tests.Waking;

/// <summary>Takes the messages that a server sends back, and checks that they come once, whole and in order.</summary>
internal sealed class PushClient : EndpointHandler
{
    private long _arrived;

    /// <summary>Messages so far.</summary>
    public long Arrived => Volatile.Read(ref _arrived);

    /// <summary>What was wrong; null while nothing was.</summary>
    public string? Complaint { get; private set; }

    /// <inheritdoc/>
    public override void OnMessage(Endpoint endpoint, Message message)
    {
        bool isWhole = JournalRecord.TryRead(message.Payload, out _, out long number);
        if (!isWhole || number != _arrived + 1)
        {
            Complaint ??= $"message {number} came after {_arrived}, whole: {isWhole}";
        }

        Volatile.Write(ref _arrived, _arrived + 1);
    }
}
