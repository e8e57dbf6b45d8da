// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>How an endpoint connects and waits.</summary>
public sealed record EndpointOptions
{
    /// <summary>
    /// How long connecting may take until the server has offered its memory. Default: 5 s. After that a client waits for the
    /// server's own deadline, at most 10 s more, and only for a server that is stopped in the middle of it.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How it connects again by itself when a connection has ended, and when an attempt has failed (<see cref="Endpoint.Open"/>). Default:
    /// null, it has one connection.
    /// </summary>
    public ReconnectOptions? Reconnect { get; init; }

    /// <summary>How callers wait for replies. Default: <see cref="WaitStrategy.Adaptive"/>.</summary>
    public WaitStrategy WaitStrategy { get; init; } = WaitStrategy.Adaptive;

    /// <summary>The strand of its handlers, which it then shares with others. Default: null, one of its own.</summary>
    public Strand? Strand { get; init; }

    /// <summary>
    /// How many lanes the other side may have from this one: notifications of its own that this side signals
    /// (<see cref="Endpoint.SenderOf"/>). 0 to 262,144, rounded up to 256, 8,192 or 262,144. Default: none. The listener says
    /// how many there may be (<see cref="ListenerOptions.MaxLanes"/>), and charges their memory.
    /// </summary>
    public int LanesToSend { get; init; }

    /// <summary>
    /// How many notifications this side can have the other signal (<see cref="Endpoint.Grant"/>). As
    /// <see cref="LanesToSend"/>.
    /// </summary>
    public int LanesToReceive { get; init; }

    /// <summary>
    /// The port whose waiters serve the connection. Default: null, a thread of Gangway's. While
    /// nobody waits there, no <see cref="Endpoint.CallAsync"/> completes, also not by its deadline or token: do not await one
    /// on the thread that waits. Blocking calls do complete. See <see cref="ReactorOptions.Port"/>. Not used inside a process
    /// (<c>inproc:</c>), where nothing needs to be served.
    /// </summary>
    public EventPort? Port { get; init; }

    /// <summary>What the segments must look like for that.</summary>
    internal SegmentShape Shape => SegmentShape.TryMake((uint)LanesToSend, (uint)LanesToReceive, out SegmentShape shape)
        ? shape
        : throw new ArgumentException($"LanesToSend and LanesToReceive are between 0 and {LaneGeometry.LanesMax}.");

    internal static EndpointOptions Default { get; } = new();

    internal void Validate()
    {
        if (ConnectTimeout <= TimeSpan.Zero)
            throw new ArgumentException("ConnectTimeout must be longer than zero.", nameof(ConnectTimeout));
        Reconnect?.Validate();
        _ = Shape;
        if (!Enum.IsDefined(WaitStrategy))
            throw new ArgumentException($"There is no wait strategy {(int)WaitStrategy}.", nameof(WaitStrategy));
    }
}
