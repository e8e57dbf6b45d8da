// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>When a bound source makes a packet.</summary>
public enum TriggerMode
{
    /// <summary>
    /// Once, at once if the source is already signalled; then not until <see cref="Binding.Rearm"/>, which looks again.
    /// Source: Zircon's <c>object_wait_async</c>, <c>EPOLLONESHOT</c>.
    /// </summary>
    OneShot,

    /// <summary>
    /// Each time the source is signalled; what was there before the bind waits for the next signal. Source: <c>EPOLLET</c>
    /// without its first report, Zircon's <c>WAIT_ASYNC_EDGE</c>.
    /// </summary>
    Edge,

    /// <summary>In each wait for as long as the source is signalled, by rotation. Source: epoll's default.</summary>
    Level,

    /// <summary>
    /// Once, and then not until <see cref="Binding.Acknowledge"/>: a source that storms costs one packet for each time that
    /// it was dealt with. Source: seL4's interrupt handlers.
    /// </summary>
    Acknowledge,
}
