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

    /// <summary>
    /// The port whose waiters serve the connections; there is no other thread then. Default: null.
    /// </summary>
    /// <remarks>
    /// <para>Whoever waits on the port polls its active connections too, and runs inline handlers: one loop for everything,
    /// and from the signal of a lane to its packet there is no other thread. Nothing is served while nobody waits. A handler that
    /// stays too long, or waits for something itself, loses the connections to a thread that stands in until somebody
    /// waits on the port again, but the port's packets wait for it. It must not wait on the same port. A thread stands in, too,
    /// as long as another one is blocked in a call over these connections, waits for room in them, or for their end.</para>
    /// <para>Several listeners and endpoints may share a port; it must use the kernel
    /// (<see cref="EventPortOptions.UsesKernel"/>). Dispose them before the port, which else ends their connections.</para>
    /// </remarks>
    public EventPort? Port { get; init; }

    internal void Validate()
    {
        if (Port is not null && Threads != 1)
            throw new ArgumentException("With ReactorOptions.Port the port's waiters are the threads: leave Threads at 1.", nameof(Threads));
        if (Threads is < 1 or > ThreadsMax)
            throw new ArgumentException($"ReactorOptions.Threads is 1 to {ThreadsMax}.", nameof(Threads));
    }
}
