// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where the handler of an operation runs.</summary>
/// <remarks>
/// What does not run on a reactor's thread runs on work threads, of which there is one set for the process: slow inline
/// operations, <see cref="Strand"/>, <see cref="Concurrent"/>, what follows an <c>await</c>, and the callbacks of
/// <see cref="EndpointHandler"/> that are no operation. A handler that blocks keeps its thread, and another one takes that
/// thread's place some 3 ms later at most; up to <see cref="Domain.MaxWorkThreads"/>. A handler that awaits keeps none.
/// <see cref="ListenerOptions.MaxTransactionsPerUser"/> bounds how many one user may keep. The .NET thread pool has no part in
/// it: a program that blocks the pool's threads does not delay its handlers, nor they it. What a handler awaits may need the pool:
/// a <see cref="Task.Delay(int)"/>, a socket.
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

    /// <summary>On a work thread, after the handlers of its strand that came before.</summary>
    Strand,

    /// <summary>
    /// On a work thread at once, beside any other handler: nothing is serialized, order is not kept. What follows an
    /// <c>await</c> runs on one, too, as a part of the same call. One that suspends costs one small object.
    /// </summary>
    Concurrent,
}
