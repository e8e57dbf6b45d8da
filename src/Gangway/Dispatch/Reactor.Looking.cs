// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

// What the kernel tells: bells, deaths, and requests of other threads.
internal sealed partial class Reactor
{
    /// <summary>Nothing is hot: sleeps until somebody rings, asks, or is out of time.</summary>
    private void Sleep()
    {
        Timers.Advance(Deadline.Now);
        Volatile.Write(ref _isAwake, false);
        Interlocked.MemoryBarrier();
        bool mustStay = Volatile.Read(ref _hasRequests) != 0 || !_completions.IsEmpty || _ends.Count != 0;
        long timeoutNs = mustStay ? 0 : NanosecondsToSleep();
        Speeds.OnLoopSleeps();
        Look(timeoutNs);
    }

    private long NanosecondsToSleep()
    {
        long next = Timers.NextWake;
        long timeout = next == long.MaxValue ? -1 : Math.Max(0, next - Deadline.Now);
        if (_owedBells.Count != 0)
            timeout = timeout < 0 ? BellRetryNs : Math.Min(timeout, BellRetryNs);
        return timeout;
    }

    /// <summary>Looks at epoll.</summary>
    /// <param name="timeoutNs">0 looks only, -1 waits for ever.</param>
    private void Look(long timeoutNs)
    {
        Errno errno = _epoll.Wait(_events, timeoutNs, out int count);
        if (!_isAwake)
        {
            Volatile.Write(ref _isAwake, true);
            TakeoverMonitor.NoteAwake();
        }

        if (errno != Errno.None)
            throw new InvalidOperationException($"epoll_wait failed with {errno.Describe()}.");

        long now = Deadline.Now;
        _lastLook = now;
        _looks++;
        Timers.Advance(now);
        for (int i = 0; i < count && !_isStopping; i++)
        {
            EpollEvent found = _events[i];
            var token = new ReactorToken(found.Data);
            if (token.Index < 0)
            {
                _wakeUp.Drain();
                continue;
            }

            switch (_table.Find(token))
            {
                case ReactorSource source:
                    OnSign(source, found.Events, now);
                    break;
                case WatchedProcess process:
                    EndAllInTurn(process);
                    break;
            }
        }

        RetryBells();
    }

    private void OnSign(ReactorSource source, EpollEvents events, long now)
    {
        // Its descriptor is looked at again when it has ended.
        if (source.IsEndQueued)
            return;
        bool hasHungUp = (events & (EpollEvents.Hup | EpollEvents.RdHup | EpollEvents.Err)) != 0;
        if ((events & EpollEvents.In) != 0)
        {
            if (!source.Wake())
            {
                EndNow(source, source.EndReason);
                return;
            }

            if (!source.IsHot)
                source.Waits.Note(now - source.ParkedAt);
            if (!hasHungUp)
                Heat(source);
        }

        // What it left is read at its end; until then there is nothing to poll.
        if (hasHungUp)
            EndInTurn(source, DisconnectReason.PeerGone);
    }

    private void RunPosted()
    {
        while (_attention.TryDequeue(out ReactorSource? source))
        {
            // A swap, for its fence: who asks from here on queues it again.
            Interlocked.Exchange(ref source.AttentionAsked, 0);
            AttendNow(source);
        }

        while (!_isStopping && _posted.TryDequeue(out Action? action))
            action();
    }

    private void AttendNow(ReactorSource source)
    {
        if (_table.Find(source.Token) != source)
            return;
        if (source.EndReason != DisconnectReason.None)
            EndNow(source, source.EndReason);
        else if (source.Attend() && !source.OwesBell)
        {
            source.OwesBell = true;
            _owedBells.Add(source);
        }
    }

    private void RetryBells()
    {
        if (_owedBells.Count == 0)
            return;
        (_owedBells, _paidBells) = (_paidBells, _owedBells);
        foreach (ReactorSource source in _paidBells)
        {
            source.OwesBell = false;
            AttendNow(source);
        }

        _paidBells.Clear();
    }

    private void AddNow(ReactorSource source)
    {
        if (_isStopping)
        {
            source.PeerProcess.Dispose();
            source.End(DisconnectReason.ListenerClosed);
            return;
        }

        source.Token = _table.Add(source);
        Errno errno = _epoll.Add(source.Descriptor, EpollEvents.In | EpollEvents.RdHup, source.Token.Value);
        if (errno == Errno.None)
            errno = Watch(source);
        if (errno == Errno.None)
        {
            // What was asked for before the source was known here is done now.
            Heat(source);
            AttendNow(source);
            return;
        }

        if (!_processes.TryGetValue(source.PeerProcessKey, out WatchedProcess? watched)
            || watched.Descriptor != source.PeerProcess)
        {
            source.PeerProcess.Dispose();
        }

        // Not the peer's doing: it lives, and may still take what it finds.
        EndNow(source, DisconnectReason.LocalFault);
    }

    private Errno Watch(ReactorSource source)
    {
        if (_processes.TryGetValue(source.PeerProcessKey, out WatchedProcess? process))
        {
            source.PeerProcess.Dispose();
        }
        else
        {
            process = new WatchedProcess(source.PeerProcessKey, source.PeerProcess);
            process.Token = _table.Add(process);
            Errno errno = _epoll.Add(process.Descriptor, EpollEvents.In, process.Token.Value);
            if (errno != Errno.None)
            {
                _table.Remove(process.Token);
                return errno;
            }

            _processes.Add(process.Key, process);
        }

        process.Sources.Add(source);
        if (process.IsGone)
            EndInTurn(source, DisconnectReason.PeerGone);
        return Errno.None;
    }

    /// <summary>Ends a source. Only between polls, and on this thread.</summary>
    private void EndNow(ReactorSource source, DisconnectReason reason)
    {
        // A source that is not ready asks for attention when it is, and comes here again.
        if (_table.Find(source.Token) != source || !source.IsReadyToEnd(reason))
            return;

        _table.Remove(source.Token);
        _epoll.Remove(source.Descriptor);
        _owedBells.Remove(source);
        if (source.IsHot)
        {
            source.IsHot = false;
            _hot.Remove(source);
        }

        Unwatch(source);
        source.End(reason);
        EndNeeds(source);
    }

    private void Unwatch(ReactorSource source)
    {
        if (!_processes.TryGetValue(source.PeerProcessKey, out WatchedProcess? process))
            return;
        process.Sources.Remove(source);
        if (process.Sources.Count != 0)
            return;
        _processes.Remove(process.Key);
        _table.Remove(process.Token);
        _epoll.Remove(process.Descriptor);
        process.Descriptor.Dispose();
    }

    private void StopNow(DisconnectReason reason)
    {
        RunEnds(int.MaxValue);
        foreach (ReactorSource source in _table.All<ReactorSource>())
            EndNow(source, reason);
        _isStopping = _table.All<ReactorSource>().Count == 0;
        if (!_isStopping)
            Post(() => StopNow(reason));
    }

    /// <summary>What was asked of a reactor that has stopped: only ends are left, and they find nothing or end at once.</summary>
    private void RunLeft()
    {
        while (_posted.TryDequeue(out Action? action))
            action();
        while (_completions.TryDequeue(out ICompletion? completion))
            completion.Complete(mayRunHere: false);
    }
}
