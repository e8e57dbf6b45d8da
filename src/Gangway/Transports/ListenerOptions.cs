// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;
using Gangway.Transports;

namespace Gangway;

/// <summary>Whom a listener admits, what it permits, and how much each user may have.</summary>
/// <remarks>
/// The limits per user keep one user from using up what the others need: who is over is refused, with a reason that names
/// the limit, and nobody else is. Where one is null, the user that the listener runs as may have all that the listener has,
/// and each other user a quarter of it. Inside a process (<c>inproc:</c>) there is no handshake, no shared memory and no other
/// user: <see cref="MaxConnections"/>, <see cref="MaxConnectionsPerUser"/>, <see cref="MaxTransactionsPerUser"/>,
/// <see cref="MaxLanes"/>, <see cref="Permit"/> and <see cref="Strand"/> count there, and the rest has nothing to limit.
/// </remarks>
public sealed record ListenerOptions
{
    /// <summary>
    /// Decides who may connect, beside the user that the listener runs as. Default: null, nobody else. Setting it makes
    /// the socket usable for every user that can reach its directory, so the address must be a path, in a directory that
    /// others can enter and only this user can write. The predicate runs on the accepting thread and must be quick.
    /// Such a listener hardens its process: see <see cref="KeepDumpable"/>.
    /// </summary>
    public Func<PeerIdentity, bool>? Admit { get; init; }

    /// <summary>
    /// Decides which operations a connected peer may use: told who it is, and the operation that it named. Default: null,
    /// whoever is connected may use every operation. Asked for everybody, the user that the listener runs as included, and
    /// for each request and message anew, before <see cref="EndpointHandler.DispatchOf"/> and the handler, which never see
    /// what is not permitted. What was permitted, and waits for its strand, is not asked again.
    /// </summary>
    /// <remarks>
    /// <para>A request that is not permitted is answered with <see cref="Status.NotPermitted"/>. A message cannot be
    /// answered, and none is lost silently: one that is not permitted ends its connection with
    /// <see cref="DisconnectReason.PeerFault"/> and a detail that names the operation and the user, with what follows from
    /// it (<see cref="FaultPenalty"/>); what came before it is still handled, what came behind it is not. If the predicate
    /// throws that is a no, and is reported as a handler's exception is. What this side asks of its peer, and the peer's
    /// answers, are not judged.</para>
    /// <para><b>Threads:</b> the reactors', of several connections at once; inside a process the senders' own. <b>Blocks:</b> it
    /// must not: it holds up all connections of its reactor, and no other thread takes over; to call or wait inside of it throws.
    /// <b>Allocates:</b> nothing, beside what it does itself. <b>Cost:</b> a look at a field when null.</para>
    /// </remarks>
    public Func<PeerIdentity, uint, bool>? Permit { get; init; }

    /// <summary>
    /// Whether a listener with <see cref="Admit"/> leaves its process as it is. Default: false; it sets
    /// <c>PR_SET_DUMPABLE</c> to 0, for good and for the whole process. Then no other process of this user can trace it or
    /// read its memory, a crash leaves no core file, and debuggers and profilers need root. Source: prctl(2).
    /// </summary>
    public bool KeepDumpable { get; init; }

    /// <summary>
    /// The most connections at once, over all users, handshakes included. One more is refused. Default: 16,384; the limits
    /// of this process (<c>RLIMIT_NOFILE</c>, <c>vm.max_map_count</c>) may refuse earlier, and say so.
    /// </summary>
    public int MaxConnections { get; init; } = 16384;

    /// <summary>The most connections of one user, handshakes included. Default: null, see above.</summary>
    public int? MaxConnectionsPerUser { get; init; }

    /// <summary>
    /// The most bytes of shared memory that one user may make this listener provide. A connection has 57,344, and 8,192 more
    /// for up to 256 lanes in one direction, 139,264 for 8,192, 4,333,568 for 262,144. They stay
    /// charged after it ended, until its process says that it unmapped them, as an endpoint does when it closes, or is
    /// gone. Default: null, what <see cref="MaxConnectionsPerUser"/> connections need.
    /// </summary>
    public long? MaxBytesPerUser { get; init; }

    /// <summary>
    /// The most lanes that a connection may have in each direction (<see cref="EndpointOptions.LanesToSend"/>,
    /// <see cref="EndpointOptions.LanesToReceive"/>). Whoever asks for more is refused. 0 to 262,144, rounded up as there; default: 8,192.
    /// </summary>
    public int MaxLanes { get; init; } = 8192;

    /// <summary>The most mappings for one user, two a connection. Default: null, what its connections need.</summary>
    public int? MaxMappingsPerUser { get; init; }

    /// <summary>
    /// The most descriptors for one user: one a connection, one or two for each of its processes, and four a handshake.
    /// Default: null, what its connections and handshakes need.
    /// </summary>
    public int? MaxDescriptorsPerUser { get; init; }

    /// <summary>
    /// The most requests of one user that are taken and not answered when their handler has returned. One more is answered
    /// with <see cref="Status.QuotaExceeded"/>. Default: null, as many as its connections can have: 64 each.
    /// </summary>
    public int? MaxTransactionsPerUser { get; init; }

    /// <summary>The most handshakes under way at once; one more is refused. Default: 64.</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>The most handshakes of one user under way at once. Default: null, see above.</summary>
    public int? MaxHandshakesPerUser { get; init; }

    /// <summary>How long a handshake may take. Default, and most: 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a process whose connection was ended because it broke the protocol waits, or sent a message that
    /// it is not permitted (<see cref="Permit"/>), before its next handshake goes on. Default: 250 ms; most: 1 s. If it does so again soon it waits 0.5 s longer each time, but 1 s at most; a process that
    /// connects and leaves within a second, more than a thousand times a second, waits too, and so does a user whose
    /// processes break the protocol one after the other. Two of a process wait at a time, and 64 in all; one more is
    /// refused. Zero: nobody waits.
    /// Source: <c>PerSourcePenalties</c> of sshd_config(5).
    /// </summary>
    public TimeSpan FaultPenalty { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The strand of all its connections' handlers. Default: null, one for each connection.</summary>
    public Strand? Strand { get; init; }

    /// <summary>The loops that serve its connections. Default: one.</summary>
    public ReactorOptions Reactor { get; init; } = new();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Reactor);
        Reactor.Validate();
        if (MaxLanes is < 0 or > LaneGeometry.LanesMax)
            throw new ArgumentException($"MaxLanes is between 0 and {LaneGeometry.LanesMax}.", nameof(MaxLanes));
        RequireAtLeast(1, MaxConnections, nameof(MaxConnections));
        RequireAtLeast(1, MaxHandshakes, nameof(MaxHandshakes));
        RequireAtLeast(1, MaxConnectionsPerUser, nameof(MaxConnectionsPerUser));
        RequireAtLeast(1, MaxHandshakesPerUser, nameof(MaxHandshakesPerUser));
        RequireAtLeast(1, MaxTransactionsPerUser, nameof(MaxTransactionsPerUser));

        // Less than one connection needs would admit nobody.
        RequireAtLeast(ConnectionCost.Bytes, MaxBytesPerUser, nameof(MaxBytesPerUser));
        RequireAtLeast(ConnectionCost.Mappings, MaxMappingsPerUser, nameof(MaxMappingsPerUser));
        RequireAtLeast(ConnectionCost.HandshakeDescriptors, MaxDescriptorsPerUser, nameof(MaxDescriptorsPerUser));
        if (FaultPenalty < TimeSpan.Zero || FaultPenalty > TimeSpan.FromSeconds(1))
            throw new ArgumentException("FaultPenalty is between zero and 1 s.", nameof(FaultPenalty));
        if (HandshakeTimeout <= TimeSpan.Zero || HandshakeTimeout > TimeSpan.FromSeconds(5))
            throw new ArgumentException("HandshakeTimeout is between zero and 5 s.", nameof(HandshakeTimeout));
    }

    /// <summary>Which limit the lanes of a shape would pass, for a person; null if none.</summary>
    internal string? WhyNotSoManyLanes(SegmentShape shape)
    {
        int most = Math.Max(shape.ToServer?.Lanes ?? 0, shape.ToClient?.Lanes ?? 0);
        int allowed = MaxLanes == 0 ? 0 : LaneGeometry.ForLanes(MaxLanes)!.Lanes;
        return most <= allowed ? null
            : $"the client asks for up to {most} lanes, and may have {MaxLanes} (ListenerOptions.{nameof(MaxLanes)})";
    }

    private static void RequireAtLeast(long least, long? value, string option)
    {
        if (value < least)
            throw new ArgumentException($"{option} is at least {least}.", option);
    }
}
