// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How many loops serve a listener.</summary>
public sealed record ReactorOptions
{
    private const int ThreadsMax = 64;

    /// <summary>
    /// Loops, each with a thread. Connections are spread over them when they are accepted, and stay. 1 to 64. Default: 1,
    /// which is enough for millions of requests a second; more pay when handlers keep a processor busy.
    /// </summary>
    public int Threads { get; init; } = 1;

    internal void Validate()
    {
        if (Threads is < 1 or > ThreadsMax)
            throw new ArgumentException($"ReactorOptions.Threads is 1 to {ThreadsMax}.", nameof(Threads));
    }
}
