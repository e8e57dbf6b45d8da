// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where the handler of an operation runs.</summary>
/// <remarks>
/// What does not run on a reactor's thread runs on the .NET thread pool, which is one for the whole process: slow inline
/// operations, <see cref="Strand"/>, <see cref="Concurrent"/>, and the callbacks of <see cref="EndpointHandler"/> that are no
/// operation. Handlers that block there, of whichever client, hold its threads, and beyond its minimum it adds about two a
/// second: until then everything else that needs the pool waits, also a new connection's
/// <see cref="EndpointHandler.OnConnect"/>, and with it that client's first request. A handler that awaits holds none. A
/// service whose handlers block raises the minimum with <see cref="ThreadPool.SetMinThreads"/> to as many as may block at
/// once, and bounds those of one user with <see cref="ListenerOptions.MaxTransactionsPerUser"/>.
/// </remarks>
public enum Dispatch
{
    /// <summary>
    /// Right on the reactor's thread when its strand is free: no hop, no allocation. For handlers that are done in
    /// microseconds. One that is not is noticed, delays its neighbours once, and runs as <see cref="Strand"/> from then on
    /// until it has been fast a hundred times. Inside a process (<c>inproc:</c>) on the caller's own thread, when its strand is free
    /// and the caller gave neither deadline nor token; else as <see cref="Strand"/>.
    /// </summary>
    Inline,

    /// <summary>On the thread pool, after the handlers of its strand that came before.</summary>
    Strand,

    /// <summary>
    /// On the thread pool at once, beside any other handler: nothing is serialized, order is not kept. What follows an
    /// <c>await</c> runs on the pool, too, as a part of the same call. One that suspends costs one small object.
    /// </summary>
    Concurrent,
}
