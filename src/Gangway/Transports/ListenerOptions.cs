// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Whom a listener admits, and how many.</summary>
public sealed record ListenerOptions
{
    /// <summary>
    /// Decides who may connect, beside the user that the listener runs as. Default: null, nobody else. Setting it makes
    /// the socket usable for every user that can reach its directory, so give an address with a path; the predicate
    /// runs on the accepting thread and must be quick.
    /// </summary>
    public Func<PeerIdentity, bool>? Admit { get; init; }

    /// <summary>The most connections at once, over all users. One more is refused. Default: 1,024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>The most handshakes under way at once; one more is refused. Default: 64.</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>How long a handshake may take. Default, and most: 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The strand of all its connections' handlers. Default: null, one for each connection.</summary>
    public Strand? Strand { get; init; }

    /// <summary>The loops that serve its connections. Default: one.</summary>
    public ReactorOptions Reactor { get; init; } = new();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Reactor);
        Reactor.Validate();
        if (MaxConnections < 1)
            throw new ArgumentException("MaxConnections is at least 1.", nameof(MaxConnections));
        if (MaxHandshakes < 1)
            throw new ArgumentException("MaxHandshakes is at least 1.", nameof(MaxHandshakes));
        if (HandshakeTimeout <= TimeSpan.Zero || HandshakeTimeout > TimeSpan.FromSeconds(5))
            throw new ArgumentException("HandshakeTimeout is between zero and 5 s.", nameof(HandshakeTimeout));
    }
}
