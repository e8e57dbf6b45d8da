// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

/// <summary>One end of one connection to a peer that is not trusted.</summary>
/// <remarks>
/// <para><b>Threads:</b> safe. Any number of threads may call and send at once.</para>
/// <para><b>Peer death:</b> every call ends with a status that says whether it may have run; later ones get
/// <see cref="Status.NotConnected"/>.</para>
/// <para><b>Allocates:</b> nothing in <see cref="Call(uint, ReadOnlySpan{byte}, Span{byte})"/>,
/// <see cref="Send(uint, ReadOnlySpan{byte})"/> and <see cref="TrySend"/>, once warm.</para>
/// <para>Not <see cref="System.Net.EndPoint"/>, which is an address.</para>
/// </remarks>
public sealed partial class Endpoint : IDisposable, IAsyncDisposable
{
    /// <summary>The largest payload of a request or a message.</summary>
    public const int PayloadBytesMax = 512;

    private readonly EndpointHandler _handler;
    private readonly TaskCompletionSource _destroyed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lifecycle = new();
    private Link? _link;

    /// <summary>Makes an endpoint that can connect to an address. Cannot fail for an address that parses, and reaches nobody.</summary>
    /// <param name="address">Where to connect: <c>shm:NAME</c>, <c>shm:/absolute/path</c> or <c>inproc:NAME</c>.</param>
    /// <param name="handler">What to do with what arrives; null when this side only calls and sends.</param>
    /// <param name="options">How to connect and wait; null for the defaults.</param>
    /// <exception cref="FormatException">The address does not parse; the message points at the character.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Endpoint(string address, EndpointHandler? handler = null, EndpointOptions? options = null)
    {
        Address = Address.Parse(address);
        Options = options ?? new EndpointOptions();
        Options.Validate();
        Strand = Options.Strand ?? new Strand();
        _handler = handler ?? SilentHandler.Instance;
        _retry = Options.Reconnect is { } reconnect ? new Retry(this, reconnect) : null;
    }

    /// <summary>Makes the listening side's endpoint of a connection.</summary>
    internal Endpoint(Address address, EndpointHandler handler, PeerIdentity peer, Strand? strand)
    {
        Address = address;
        Options = EndpointOptions.Default;
        Strand = strand ?? new Strand();
        Peer = peer;
        IsAccepted = true;
        _handler = handler;
    }

    /// <summary>Where it connects; for an accepted endpoint, where its listener listens.</summary>
    public Address Address { get; }

    /// <summary>Who is on the other side, as the kernel says; null before the first connection.</summary>
    public PeerIdentity? Peer { get; private set; }

    /// <summary>Why the last connection ended.</summary>
    public DisconnectReason DisconnectReason { get; private set; }

    /// <summary>What the peer did, if <see cref="DisconnectReason"/> is <see cref="DisconnectReason.PeerFault"/>.</summary>
    public string? DisconnectDetail { get; private set; }

    /// <summary>Whether a listener made it.</summary>
    public bool IsAccepted { get; }

    /// <summary>What was counted since it connected.</summary>
    public EndpointStatistics Statistics => Volatile.Read(ref _link)?.Statistics ?? default;

    /// <summary>What its handlers run on.</summary>
    public Strand Strand { get; }

    internal EndpointOptions Options { get; }

    /// <summary>Where the listener charges its peer; null on the connecting side.</summary>
    internal UserAccount? Account { get; init; }

    /// <summary>Which operations the listener permits its peer; null for all, and on the connecting side.</summary>
    internal Func<PeerIdentity, uint, bool>? Permit { get; init; }

    /// <summary>Sends a request and waits for its reply, without limit.</summary>
    /// <inheritdoc cref="Call(uint, ReadOnlySpan{byte}, Span{byte}, Deadline)"/>
    public CallResult Call(uint operation, ReadOnlySpan<byte> request, Span<byte> reply) =>
        Call(operation, request, reply, Deadline.Never);

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <param name="operation">The operation, as both sides agreed.</param>
    /// <param name="request">At most <see cref="PayloadBytesMax"/> bytes; copied before the peer sees them.</param>
    /// <param name="reply">Where the reply's payload goes. All of it, or nothing.</param>
    /// <param name="deadline">When to stop waiting, for room and for the reply. It travels with the request.</param>
    /// <returns>
    /// <see cref="Status.Ok"/>, the status that the other side gave, or: <see cref="Status.NotConnected"/>,
    /// <see cref="Status.NotSent"/>, <see cref="Status.OutcomeUnknown"/>, <see cref="Status.DeadlineExceeded"/>,
    /// <see cref="Status.ReplyTooLarge"/>, <see cref="Status.Deadlock"/>, <see cref="Status.ChainTooLong"/>,
    /// <see cref="Status.NotPermitted"/>, <see cref="Status.QuotaExceeded"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The request is too large. Nothing was sent.</exception>
    /// <remarks>
    /// <b>Blocks:</b> until the reply, the deadline, or the end of the connection: polls for as long as a wake-up costs, then
    /// sleeps. Inside a handler the call inherits the handler's deadline, or has one of 30 s, and the handler's thread gives
    /// its reactor away first. Inside a process (<c>inproc:</c>) a call for which nobody gave a deadline runs its handler on this
    /// thread when the strand is free, and returns when that does: one that must be able to leave before has a deadline. Neither
    /// side finds there what the other has in ambient state (<see cref="AsyncLocal{T}"/>, culture, activity).
    /// <b>Cost:</b> <c>./bench rtt</c>, <c>./bench calls</c>. Source: L4's synchronous call; LRPC's and Composite's thread
    /// migration.
    /// </remarks>
    public CallResult Call(uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline)
    {
        CheckPayload(request.Length);
        Link? link = Volatile.Read(ref _link);
        if (link is null)
            return new CallResult(Status.NotConnected, 0);
        if (Delivery.Current is { } outer)
            return CallNested(link, outer, operation, request, reply, deadline);

        // Here and below: the link, and so its memory, stays until the transport is done with it.
        CallResult result = link.Call(operation, request, reply, deadline, []);
        GC.KeepAlive(link);
        return result;
    }

    /// <summary>Sends a request, and completes when its reply is there.</summary>
    /// <param name="operation">The operation, as both sides agreed.</param>
    /// <param name="request">At most <see cref="PayloadBytesMax"/> bytes; copied before this returns.</param>
    /// <param name="reply">Where the reply's payload goes. All of it, or nothing; the caller's until the call completes.</param>
    /// <param name="deadline">When to stop waiting for the reply. It travels with the request.</param>
    /// <param name="cancellationToken">
    /// Ends the call with <see cref="Status.Cancelled"/>, and cancels <see cref="Transaction.CancellationToken"/> at the other
    /// side. No exception.
    /// </param>
    /// <returns>
    /// As <see cref="Call(uint, ReadOnlySpan{byte}, Span{byte}, Deadline)"/>, and <see cref="Status.Cancelled"/>;
    /// <see cref="Status.Overloaded"/> when all transactions of this connection are in flight, or there is no room:
    /// nothing was sent, and one <see cref="EndpointHandler.OnSendPossible"/> follows. Await it once.
    /// </returns>
    /// <exception cref="ArgumentException">The request is too large. Nothing was sent.</exception>
    /// <remarks>
    /// <b>Blocks:</b> never; when nothing else is in flight here, it first polls for the reply as long as a wake-up costs, so
    /// a quick service completes it without suspending. Inside a process (<c>inproc:</c>), without a deadline and a token that can
    /// be cancelled, and outside of handlers, the handler starts on this thread when its strand is free, as an async method
    /// does: until it first suspends. <b>Threads:</b> what follows the <c>await</c> runs in the
    /// <see cref="SynchronizationContext"/> of the caller, else on a reactor's thread, where it may stay: if it does, another
    /// thread takes the reactor over; inside a process on the thread pool. <b>Allocates:</b> nothing once warm.
    /// <b>Cost:</b> <c>./bench rtt</c>.
    /// </remarks>
    public ValueTask<CallResult> CallAsync(
        uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline = default,
        CancellationToken cancellationToken = default)
    {
        CheckPayload(request.Length);
        Link? link = Volatile.Read(ref _link);
        if (link is null)
            return new ValueTask<CallResult>(new CallResult(Status.NotConnected, 0));
        if (Delivery.Current is { } outer)
            return CallNestedAsync(link, outer, operation, request, reply, deadline, cancellationToken);

        ValueTask<CallResult> result = link.CallAsync(operation, request, reply, deadline, [], cancellationToken);
        GC.KeepAlive(link);
        return result;
    }

    /// <summary>Sends a one-way message if there is room for it now.</summary>
    /// <param name="operation">The operation, as both sides agreed.</param>
    /// <param name="payload">At most <see cref="PayloadBytesMax"/> bytes; copied before the peer sees them.</param>
    /// <returns>
    /// <see cref="Status.Ok"/>: it is on its way, and is delivered if the connection lasts, after the messages that this
    /// thread sent before. <see cref="Status.Overloaded"/>: no room or no credit; one
    /// <see cref="EndpointHandler.OnSendPossible"/> follows. <see cref="Status.NotConnected"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The payload is too large. Nothing was sent.</exception>
    /// <remarks><b>Blocks:</b> never.</remarks>
    public Status TrySend(uint operation, ReadOnlySpan<byte> payload)
    {
        CheckPayload(payload.Length);
        Link? link = Volatile.Read(ref _link);
        if (link is null)
            return Status.NotConnected;
        Status status = link.TrySend(operation, payload);
        GC.KeepAlive(link);
        return status;
    }

    /// <summary>Sends a one-way message, and waits for room: without limit, but inside a handler.</summary>
    /// <inheritdoc cref="Send(uint, ReadOnlySpan{byte}, Deadline)"/>
    public Status Send(uint operation, ReadOnlySpan<byte> payload) => Send(operation, payload, Deadline.Never);

    /// <summary>Sends a one-way message, and waits for room.</summary>
    /// <param name="operation">The operation, as both sides agreed.</param>
    /// <param name="payload">At most <see cref="PayloadBytesMax"/> bytes; copied before the peer sees them.</param>
    /// <param name="deadline">When to stop waiting for room.</param>
    /// <returns>
    /// As <see cref="TrySend"/> without <see cref="Status.Overloaded"/>, and <see cref="Status.DeadlineExceeded"/>: nothing was
    /// sent.
    /// </returns>
    /// <exception cref="ArgumentException">The payload is too large. Nothing was sent.</exception>
    /// <remarks>
    /// <b>Blocks:</b> until there is room, the deadline, or the end of the connection. Inside a handler it inherits the handler's
    /// deadline, or has one of 30 s: two services that send to each other without room do not wait for ever.
    /// </remarks>
    public Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline)
    {
        CheckPayload(payload.Length);
        Link? link = Volatile.Read(ref _link);
        if (link is null)
            return Status.NotConnected;
        if (Delivery.Current is { } outer && outer.TryInherit(out Deadline inherited))
            deadline = Earlier(inherited, deadline);
        Status status = link.Send(operation, payload, deadline);
        GC.KeepAlive(link);
        return status;
    }

    private static void CheckPayload(int bytes)
    {
        if (bytes > PayloadBytesMax)
            ThrowPayloadTooLarge(bytes);
    }

    private static void ThrowPayloadTooLarge(int bytes) => throw new ArgumentException(
        $"The payload has {bytes} bytes; at most {PayloadBytesMax} fit. Nothing was sent: send it in parts.");

    private sealed class SilentHandler : EndpointHandler
    {
        internal static readonly SilentHandler Instance = new();
    }
}
