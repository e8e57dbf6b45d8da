// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a program does with what arrives. Override what you serve.</summary>
/// <remarks>
/// <para><b>Threads:</b> the calls for one endpoint come one at a time, on the thread of its reactor; one handler object may
/// serve any number of endpoints, and those of one listener share a reactor.</para>
/// <para><b>Blocks:</b> a handler that blocks delays every connection of its reactor.</para>
/// <para>An exception ends that one transaction with <see cref="Status.HandlerFailed"/>, or is dropped with the message;
/// either is reported by the event source <c>Gangway</c>.</para>
/// </remarks>
public abstract class EndpointHandler
{
    /// <summary>The endpoint is connected. Nothing of the peer was handled before.</summary>
    /// <param name="endpoint">The endpoint; its <see cref="Endpoint.Peer"/> is known.</param>
    public virtual void OnConnect(Endpoint endpoint)
    {
    }

    /// <summary>A message arrived.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="message">Complete, and its credit given back, when this returns.</param>
    public virtual void OnMessage(Endpoint endpoint, Message message)
    {
    }

    /// <summary>A request arrived. Complete the transaction, now or later, once.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="transaction">Its request can be read until this returns; it can be completed from any thread.</param>
    public virtual void OnTransaction(Endpoint endpoint, Transaction transaction) =>
        transaction.Complete(Status.Unimplemented);

    /// <summary>The connection ended. Nothing of the peer is handled afterwards.</summary>
    /// <param name="endpoint">The endpoint; it does not connect again.</param>
    /// <param name="reason">Why.</param>
    public virtual void OnDisconnect(Endpoint endpoint, DisconnectReason reason)
    {
    }
}
