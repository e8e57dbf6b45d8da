// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How a port waits, and how much may be posted to it.</summary>
public sealed record EventPortOptions
{
    /// <summary>The environment variable that chooses the backend of every port: <c>epoll</c> or <c>managed</c>.</summary>
    public const string BackendVariable = "GANGWAY_EVENT_BACKEND";

    /// <summary>
    /// After so many packets of the highest ready priority one of a lower is delivered. Default: 64; at least 1.
    /// </summary>
    public int StarvationBound { get; init; } = 64;

    /// <summary>The most posted packets that wait at once. Default: 4,096; at least 1. Signals do not count.</summary>
    public int PostedMax { get; init; } = 4096;

    /// <summary>
    /// Whether the port may use the kernel's means (epoll), and so take descriptors. Default: null, where there are any,
    /// unless <see cref="BackendVariable"/> says otherwise. False: it uses no descriptor at all.
    /// </summary>
    public bool? UsesKernel { get; init; }

    internal void Validate()
    {
        if (StarvationBound < 1)
            throw new ArgumentException("StarvationBound is at least 1.", nameof(StarvationBound));
        if (PostedMax < 1)
            throw new ArgumentException("PostedMax is at least 1.", nameof(PostedMax));
    }
}
