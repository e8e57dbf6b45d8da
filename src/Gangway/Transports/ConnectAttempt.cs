// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>One attempt to connect: for which connection, until when, and how to end it from another thread.</summary>
internal sealed class ConnectAttempt(ConnectionId asked, Deadline deadline)
{
    private readonly Lock _lock = new();
    private UnixSocket? _socket;
    private readonly TaskCompletionSource _aborted = new();

    /// <summary>The pair as it was last, and the number of the attempt.</summary>
    internal ConnectionId Asked { get; } = asked;

    /// <summary>When the listening side must have answered.</summary>
    internal Deadline Deadline { get; } = deadline;

    /// <summary>Whether nobody wants it any more.</summary>
    internal bool IsAborted => _aborted.Task.IsCompleted;

    /// <summary>The socket that the attempt waits on from here on; null: none any more.</summary>
    internal void WaitsOn(UnixSocket? socket)
    {
        lock (_lock)
        {
            _socket = socket;
            if (IsAborted)
                socket?.ShutdownReceiving();
        }
    }

    /// <summary>Waits for something that has no socket.</summary>
    /// <returns>False when time ran out, or the attempt was ended.</returns>
    internal bool Wait(Task task, Deadline deadline)
    {
        var left = TimeSpan.FromTicks(Math.Max(0, deadline.Nanoseconds - Deadline.Now) / 100);
        return Task.WaitAny([task, _aborted.Task], left) == 0;
    }

    /// <summary>Ends its waits: it finds its socket hung up, and can still say its last word.</summary>
    internal void Abort()
    {
        lock (_lock)
        {
            _aborted.TrySetResult();
            _socket?.ShutdownReceiving();
        }
    }
}
