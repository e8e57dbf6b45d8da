// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway;

// Waiting without a thread of one's own.
public sealed partial class EventPort
{
    private readonly AsyncWaits _asyncWaits;

    /// <summary>Awaits the next packet.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The packet. Await it once.</returns>
    /// <remarks>
    /// If one is ready it is returned at once. Else a thread of the port's own waits, and what follows the await goes on on
    /// that thread, unless a context was captured; it should not block for long, for the port's other awaits wait behind it.
    /// Each packet goes to one waiter, whether it blocks or awaits.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The token was cancelled. No packet is lost by that.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed, or was meanwhile.</exception>
    public ValueTask<Packet> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Packet>(cancellationToken);
        return TryWait(out Packet packet) ? new ValueTask<Packet>(packet) : _asyncWaits.Add(cancellationToken);
    }

    /// <summary>The packets as they come, without an end but the token's or the port's.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed, or was meanwhile.</exception>
    public async IAsyncEnumerable<Packet> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
            yield return await WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until something may be ready, for those who await.</summary>
    /// <returns>False when the port is disposed.</returns>
    internal bool WaitUntilReady()
    {
        while (!Volatile.Read(ref _isDisposed))
        {
            if (!TryTakeBaton())
            {
                TrySleepBesidePoller(Deadline.Never);
                continue;
            }

            try
            {
                Look();
                while (!Volatile.Read(ref _isDisposed) && !_asyncWaits.IsEmpty)
                {
                    VisitLoop();
                    TakeInbox();
                    if (!_ready.IsEmpty)
                        return true;
                    if (!IsLoopHot)
                        Sleep(Deadline.Never);
                    else if (Deadline.Now - _lastLook > LookIntervalNs)
                        Look();
                }

                if (_asyncWaits.IsEmpty)
                    return true;
            }
            finally
            {
                ReleaseBaton();
            }
        }

        return false;
    }

    /// <summary>Takes a packet that is ready.</summary>
    internal bool TryTakeReady(out Packet packet)
    {
        packet = default;
        if (!TryTakeBaton())
            return false;
        try
        {
            return Deliver(new Span<Packet>(ref packet)) != 0;
        }
        finally
        {
            ReleaseBaton();
        }
    }
}
