// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How an endpoint connects and waits.</summary>
public sealed record EndpointOptions
{
    /// <summary>
    /// How long connecting may take until the server has offered its memory. Default: 5 s. After that a client waits for the
    /// server's own deadline, at most 10 s more, and only for a server that is stopped in the middle of it.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How callers wait for replies. Default: <see cref="WaitStrategy.Adaptive"/>.</summary>
    public WaitStrategy WaitStrategy { get; init; } = WaitStrategy.Adaptive;

    /// <summary>The strand of its handlers, which it then shares with others. Default: null, one of its own.</summary>
    public Strand? Strand { get; init; }

    internal static EndpointOptions Default { get; } = new();

    internal void Validate()
    {
        if (ConnectTimeout <= TimeSpan.Zero)
            throw new ArgumentException("ConnectTimeout must be longer than zero.", nameof(ConnectTimeout));
        if (!Enum.IsDefined(WaitStrategy))
            throw new ArgumentException($"There is no wait strategy {(int)WaitStrategy}.", nameof(WaitStrategy));
    }
}
