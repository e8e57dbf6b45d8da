// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How a call or a message went. Values from 256 up belong to the application.</summary>
/// <remarks>
/// <see cref="Ok"/>, <see cref="Unimplemented"/>, <see cref="HandlerFailed"/> and an application's own are what a
/// <see cref="Transaction"/> can be completed with. <see cref="NotSent"/>,
/// <see cref="DeadlineExceeded"/>, <see cref="Cancelled"/> and <see cref="Deadlock"/> come from either side's Gangway,
/// <see cref="NotPermitted"/> and <see cref="QuotaExceeded"/> from the other's. The rest is found out on this side, and a peer that answers with it breaks the protocol.
/// </remarks>
public enum Status
{
    /// <summary>It was done.</summary>
    Ok = 0,

    /// <summary>There is no connection: before connect, or after disconnect. Nothing was sent.</summary>
    NotConnected = 1,

    /// <summary>
    /// The connection ended before the other side took the request, or the other side closed it before the request's turn
    /// came: it was never started, and may be sent again.
    /// </summary>
    NotSent = 2,

    /// <summary>The connection ended after the other side took the request: it may have run, or not.</summary>
    OutcomeUnknown = 3,

    /// <summary>
    /// There was no room or no credit on this side, and nothing was sent: one <see cref="EndpointHandler.OnSendPossible"/>
    /// follows. It never comes from the other side, whose limit is <see cref="QuotaExceeded"/>.
    /// </summary>
    Overloaded = 4,

    /// <summary>
    /// The deadline passed. Of a call: while it waited to be sent (nothing was sent) or for its reply (it may run).
    /// </summary>
    DeadlineExceeded = 5,

    /// <summary>The reply is larger than the caller's buffer. <see cref="CallResult.Length"/> says how large.</summary>
    ReplyTooLarge = 6,

    /// <summary>The other side does not know the operation.</summary>
    Unimplemented = 7,

    /// <summary>The other side's handler failed with an exception.</summary>
    HandlerFailed = 8,

    /// <summary>The caller's token was cancelled, or the strand of the handler was disposed. It may have run.</summary>
    Cancelled = 9,

    /// <summary>
    /// The call needs a strand that one of the calls it is nested in holds: it would have waited for ever. It was not started.
    /// </summary>
    Deadlock = 10,

    /// <summary>The call is nested in more calls than a request can name: 16. Nothing was sent.</summary>
    ChainTooLong = 11,

    /// <summary>
    /// The other side's listener does not permit this user the operation (<see cref="ListenerOptions.Permit"/>). It was not
    /// started.
    /// </summary>
    NotPermitted = 12,

    /// <summary>
    /// This user has as many requests at the other side as it may (<see cref="ListenerOptions.MaxTransactionsPerUser"/>). It
    /// was not started, and may be sent again; no <see cref="EndpointHandler.OnSendPossible"/> follows, because the limit is
    /// shared by all of the user's connections and processes. Try again later, when one that is outstanding has ended, and
    /// keep fewer outstanding.
    /// </summary>
    QuotaExceeded = 13,
}
