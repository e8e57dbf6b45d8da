// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// What a request costs its user while it is passed on, suspended, or left for later.
internal sealed partial class Delivery
{
    private UserAccount? _account;

    /// <summary>The record is passed on: a request counts against its user until it is done with.</summary>
    /// <returns>False when the user has as many as it may have.</returns>
    internal bool TryCharge()
    {
        if (Frame.Kind != FrameKind.Request || Link.Endpoint.Account is not { } account)
            return true;
        if (!account.TryBeginTransaction())
            return false;
        _account = account;
        return true;
    }

    /// <summary>The handler goes on, or is answered, later than its own run: from now on it counts, if it did not before.</summary>
    private void ChargeLater()
    {
        if (_account is not null || Frame.Kind != FrameKind.Request)
            return;
        UserAccount? account = Link.Endpoint.Account;
        account?.BeginTransaction();
        _account = account;
    }

    /// <summary>
    /// The connection has ended, and a handler that completed left the request unanswered: nobody may ever answer it.
    /// </summary>
    /// <remarks>
    /// May come when the delivery is another record's already, whose charge it then ends. Every charge ends once, so the sum
    /// is right again when all are done.
    /// </remarks>
    internal void EndCharge()
    {
        // Whoever charges it does so before it passes it on: who finds none here had none, or another thread ended it.
        if (Volatile.Read(ref _account) is not null)
            Interlocked.Exchange(ref _account, null)?.EndTransaction();
    }

    private bool TryFinishRequest()
    {
        Endpoint endpoint = Link.Endpoint;
        if (!endpoint.Transactions.IsPending(Frame.Slot, Frame.Generation))
            return true;
        ChargeLater();
        if (!endpoint.Transactions.TryDefer(Frame.Slot, Frame.Generation))
            return true;

        // Whoever answers it may have given this delivery to another record by now. The end of the connection writes its
        // state, fences, and looks for what was left; here it is the other way round: one of the two sees the other.
        if (endpoint.State >= EndpointState.Disconnecting)
            EndCharge();
        return false;
    }
}
