// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

/// <summary>A request that waits for its answer. Complete it once, now or later, from any thread.</summary>
/// <remarks>
/// <b>Owns:</b> <see cref="Request"/> can be read until its handler has completed and the transaction is answered, whichever
/// is later; the right to answer lasts until it is used. <b>Blocks:</b> never: a reply always has its space.
/// <b>Peer death:</b> completing then does nothing. <b>Trust:</b> the request is a private copy, so it does not change; its
/// content is whatever the peer sent. Source: the one-shot reply capability of seL4.
/// </remarks>
public readonly struct Transaction
{
    /// <summary>The largest reply payload.</summary>
    public const int ReplyBytesMax = 240;

    private readonly Link _link;
    private readonly Delivery _delivery;
    private readonly uint _stamp;
    private readonly int _slot;
    private readonly ulong _generation;

    internal Transaction(Delivery delivery)
    {
        ref readonly Frame frame = ref delivery.Frame;
        _link = delivery.Link;
        _delivery = delivery;
        _stamp = delivery.Stamp;
        _slot = frame.Slot;
        _generation = frame.Generation;
        Operation = frame.Operation;
        Deadline = frame.Deadline.Given; // Whoever passes it on means it.
    }

    /// <summary>The operation that the caller named.</summary>
    public uint Operation { get; }

    /// <summary>When the caller stops waiting; <see cref="Deadline.Never"/> if it did not say.</summary>
    public Deadline Deadline { get; }

    /// <summary>What the caller sent.</summary>
    /// <exception cref="InvalidOperationException">Its handler has completed, and it is answered.</exception>
    public ReadOnlySpan<byte> Request => _delivery.PayloadOf(_stamp);

    /// <summary>Cancelled when the caller no longer waits: it cancelled, its time was up, or the connection ended.</summary>
    /// <remarks>
    /// A cancelled transaction is still answered, with whatever status; nobody sees it. Its time is up by this side's own clock,
    /// whatever the caller does: also one that is stopped. <b>Allocates:</b> one source when it is first asked for, and
    /// for the first deadline in each of the connection's slots one node, which stays. Callbacks of the token run on the
    /// thread pool.
    /// </remarks>
    public CancellationToken CancellationToken
    {
        get
        {
            CancellationToken token = _delivery.TokenOf(_stamp);
            if (!Deadline.IsNever && !token.IsCancellationRequested)
                _link.WatchDeadline(_slot, _generation, Deadline);
            GC.KeepAlive(_link);
            return token;
        }
    }

    /// <summary>Answers with <see cref="Status.Ok"/> and a payload.</summary>
    /// <param name="reply">At most <see cref="ReplyBytesMax"/> bytes; copied before this returns.</param>
    /// <exception cref="ArgumentException">The reply is larger; nothing was answered.</exception>
    /// <exception cref="InvalidOperationException">It was answered already.</exception>
    public void Complete(ReadOnlySpan<byte> reply) => Complete(Status.Ok, reply);

    /// <summary>Answers with a status and no payload.</summary>
    /// <param name="status">
    /// <see cref="Status.Ok"/>, <see cref="Status.Unimplemented"/>, <see cref="Status.HandlerFailed"/>, or one of the
    /// application's own, from 256 to 65,535.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Another status; nothing was answered.</exception>
    /// <exception cref="InvalidOperationException">It was answered already.</exception>
    public void Complete(Status status) => Complete(status, []);

    /// <summary>Answers with a status and a payload.</summary>
    /// <inheritdoc cref="Complete(Status)"/>
    /// <inheritdoc cref="Complete(ReadOnlySpan{byte})"/>
    public void Complete(Status status, ReadOnlySpan<byte> reply)
    {
        if (!TryComplete(status, reply))
            ThrowAlreadyCompleted();
    }

    /// <summary>Answers, unless that has happened already.</summary>
    /// <param name="status">As in <see cref="Complete(Status)"/>.</param>
    /// <param name="reply">At most <see cref="ReplyBytesMax"/> bytes; copied before this returns.</param>
    /// <returns>False when it was answered before: nothing was sent.</returns>
    /// <exception cref="ArgumentException">Another status, or the reply is too large; nothing was answered.</exception>
    public bool TryComplete(Status status, ReadOnlySpan<byte> reply)
    {
        if (!IsHandlersWord(status))
            ThrowStatusOutOfRange(status);
        if (reply.Length > ReplyBytesMax)
            ThrowReplyTooLarge(reply.Length);
        bool isFirst = _link.TryReply(_slot, _generation, status, reply);
        GC.KeepAlive(_link);
        return isFirst;
    }

    /// <summary>Whether a status is one that a handler gives.</summary>
    internal static bool IsHandlersWord(Status status) =>
        status is Status.Ok or Status.Unimplemented or Status.HandlerFailed
            or (>= (Status)ApplicationStatusMin and <= (Status)ushort.MaxValue);

    /// <summary>Whether a status is one that the other side gives; the rest is found out by the caller's own side.</summary>
    internal static bool IsRepliersWord(Status status) =>
        IsHandlersWord(status)
        || status is Status.NotSent or Status.QuotaExceeded or Status.DeadlineExceeded or Status.Cancelled
            or Status.Deadlock or Status.NotPermitted;

    private const int ApplicationStatusMin = 256;

    private static void ThrowAlreadyCompleted() =>
        throw new InvalidOperationException("The transaction was completed already. Each is completed once.");

    private static void ThrowStatusOutOfRange(Status status) => throw new ArgumentOutOfRangeException(
        nameof(status), status,
        "A transaction is completed with Ok, Unimplemented, HandlerFailed, or a status of the application's own: 256 to 65,535.");

    private static void ThrowReplyTooLarge(int bytes) => throw new ArgumentException(
        $"The reply has {bytes} bytes; at most {ReplyBytesMax} fit. Nothing was answered: reply less, or in parts.");
}
