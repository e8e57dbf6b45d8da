// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a program does with what arrives. Override what you serve.</summary>
/// <remarks>
/// <para><b>Threads:</b> the handlers of one strand come one at a time, in the order in which the peer sent; by default each
/// endpoint has a strand of its own. <see cref="DispatchOf"/> says where they run: by default on the reactor's thread. One
/// handler object may serve any number of endpoints.</para>
/// <para><b>Blocks:</b> a handler may block or take its time. It holds its strand meanwhile, and delays others once: then
/// another thread takes the reactor over, and the operation runs elsewhere from then on.</para>
/// <para><b>Await:</b> override the <c>Async</c> form. The strand is held until the <see cref="ValueTask"/> completes, and what
/// follows an <c>await</c> runs on the strand again.</para>
/// <para>An exception ends that one transaction with <see cref="Status.HandlerFailed"/>, or is dropped with the message;
/// either is reported by the event source <c>Gangway</c>.</para>
/// <para>A call to another service inside a handler inherits its deadline, and has one of 30 s if there is none; it fails with
/// <see cref="Status.Deadlock"/> where it would wait for one of its own callers. That holds wherever
/// <see cref="DispatchOf"/> has the handler run, and after each <c>await</c>; not after <c>ConfigureAwait(false)</c> and
/// inside of <see cref="Task.Run(Action)"/>, where a call is nobody's.</para>
/// </remarks>
public abstract class EndpointHandler
{
    /// <summary>
    /// Where the handler of an operation runs. Asked for each arrival, on the reactor's thread, or inside a process on the
    /// sender's, several at once: answer without delay. To call or wait there throws.
    /// </summary>
    /// <param name="operation">The operation, as the peer named it.</param>
    public virtual Dispatch DispatchOf(uint operation) => Dispatch.Inline;

    /// <summary>Somebody serves the endpoint's address: a connection follows, or attempts to make one. The first callback.</summary>
    /// <param name="endpoint">The endpoint. At an accepted one its client appears and disappears with its one connection.</param>
    public virtual void OnAppear(Endpoint endpoint)
    {
    }

    /// <summary>The endpoint is connected. Nothing of the peer was handled before, of this connection.</summary>
    /// <param name="endpoint">The endpoint; its <see cref="Endpoint.Peer"/> is known.</param>
    public virtual void OnConnect(Endpoint endpoint)
    {
    }

    /// <summary>A message arrived.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="message">Complete, and its credit given back, when this returns, unless it is kept.</param>
    public virtual void OnMessage(Endpoint endpoint, Message message)
    {
    }

    /// <summary>A message arrived. By default <see cref="OnMessage"/>.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="message">Complete, and its credit given back, when the task completes, unless it is kept.</param>
    public virtual ValueTask OnMessageAsync(Endpoint endpoint, Message message)
    {
        OnMessage(endpoint, message);
        return ValueTask.CompletedTask;
    }

    /// <summary>A request arrived. Complete the transaction, now or later, once.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="transaction">Can be completed from any thread.</param>
    public virtual void OnTransaction(Endpoint endpoint, Transaction transaction) =>
        transaction.Complete(Status.Unimplemented);

    /// <summary>A request arrived. Complete the transaction, now or later, once. By default <see cref="OnTransaction"/>.</summary>
    /// <param name="endpoint">Where it arrived.</param>
    /// <param name="transaction">Can be completed from any thread.</param>
    public virtual ValueTask OnTransactionAsync(Endpoint endpoint, Transaction transaction)
    {
        OnTransaction(endpoint, transaction);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// After a send or awaitable call found no room on this side (<see cref="Status.Overloaded"/>): there is room again, one of
    /// the largest fits now. Exactly one for all refusals before it. None follows <see cref="Status.QuotaExceeded"/>, by which
    /// the <i>other</i> side refuses.
    /// </summary>
    /// <param name="endpoint">On which to send.</param>
    public virtual void OnSendPossible(Endpoint endpoint)
    {
    }

    /// <summary>The connection ended. Nothing of it is handled afterwards; all its calls have their status.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why.</param>
    public virtual void OnDisconnect(Endpoint endpoint, DisconnectReason reason)
    {
    }

    /// <summary>The connection ended. By default <see cref="OnDisconnect"/>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why.</param>
    /// <returns>
    /// When the application is done with the connection: the strand is held until then, and neither end connects again before <i>its own</i>
    /// has completed. One that never completes keeps this endpoint and its peer's apart, and no others but those of the same <see cref="Strand"/>.
    /// </returns>
    public virtual ValueTask OnDisconnectAsync(Endpoint endpoint, DisconnectReason reason)
    {
        OnDisconnect(endpoint, reason);
        return ValueTask.CompletedTask;
    }

    /// <summary>Nobody serves the endpoint's address any more, or it is about to be destroyed. The pair of <see cref="OnAppear"/>.</summary>
    /// <param name="endpoint">The endpoint. With <see cref="EndpointOptions.Reconnect"/> it goes on looking.</param>
    public virtual void OnDisappear(Endpoint endpoint)
    {
    }
}
