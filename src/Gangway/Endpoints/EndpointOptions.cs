// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How an endpoint connects and waits.</summary>
public sealed record EndpointOptions
{
    /// <summary>How long connecting may take, handshake included. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How callers wait for replies. Default: <see cref="WaitStrategy.Adaptive"/>.</summary>
    public WaitStrategy WaitStrategy { get; init; } = WaitStrategy.Adaptive;

    internal void Validate()
    {
        if (ConnectTimeout <= TimeSpan.Zero)
            throw new ArgumentException("ConnectTimeout must be longer than zero.", nameof(ConnectTimeout));
        if (!Enum.IsDefined(WaitStrategy))
            throw new ArgumentException($"There is no wait strategy {(int)WaitStrategy}.", nameof(WaitStrategy));
    }
}
