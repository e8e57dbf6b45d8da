// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Those who await a packet of a port, first come first served, and the thread that waits for them.</summary>
/// <remarks><b>Threads:</b> any. The thread is made at the first await that finds nothing ready, and ends with the port.</remarks>
internal sealed class AsyncWaits(EventPort port)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<AsyncWait> _waits = new();
    private readonly Stack<LinkedListNode<AsyncWait>> _free = [];
    private readonly Dictionary<AsyncWait, LinkedListNode<AsyncWait>> _nodes = [];
    private readonly object _work = new();
    private bool _hasWork;
    private bool _hasThread;
    private bool _hasEnded;

    /// <summary>Whether somebody awaits.</summary>
    internal bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _waits.Count == 0;
        }
    }

    /// <summary>Awaits a packet.</summary>
    internal ValueTask<Packet> Add(CancellationToken token)
    {
        AsyncWait wait;
        ValueTask<Packet> task;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_hasEnded, port);
            if (!_free.TryPop(out LinkedListNode<AsyncWait>? node))
            {
                node = new LinkedListNode<AsyncWait>(new AsyncWait(this));
                _nodes.Add(node.Value, node);
            }

            wait = node.Value;
            _waits.AddLast(node);
            task = wait.Begin();
            if (!_hasThread)
            {
                _hasThread = true;
                new Thread(Run) { Name = "gangway-port", IsBackground = true }.UnsafeStart();
            }
        }

        wait.Watch(token);
        StartWork();
        return task;
    }

    /// <summary>Takes a wait out that was not served.</summary>
    internal bool TryRemove(AsyncWait wait)
    {
        lock (_lock)
        {
            LinkedListNode<AsyncWait> node = _nodes[wait];
            if (node.List is null)
                return false;
            _waits.Remove(node);
            return true;
        }
    }

    /// <summary>A wait's result was taken: it may be used again.</summary>
    internal void Return(AsyncWait wait)
    {
        lock (_lock)
            _free.Push(_nodes[wait]);
    }

    /// <summary>The port is disposed.</summary>
    internal void End()
    {
        AsyncWait[] left;
        lock (_lock)
        {
            _hasEnded = true;
            left = [.. _waits];
            _waits.Clear();
        }

        StartWork();
        foreach (AsyncWait wait in left)
            wait.SetException(new ObjectDisposedException(nameof(EventPort)));
    }

    private void Run()
    {
        while (true)
        {
            AwaitWork();
            while (!IsEmpty && port.WaitUntilReady())
                ServeOne();
            lock (_lock)
            {
                if (_hasEnded)
                    return;
            }
        }
    }

    private void ServeOne()
    {
        AsyncWait wait;
        Packet packet;

        // Together, so that no packet is taken for one who is gone.
        lock (_lock)
        {
            if (_waits.First is not { } first || !port.TryTakeReady(out packet))
                return;
            wait = first.Value;
            _waits.RemoveFirst();
        }

        wait.SetPacket(packet);
    }

    private void StartWork()
    {
        lock (_work)
        {
            _hasWork = true;
            Monitor.Pulse(_work);
        }
    }

    private void AwaitWork()
    {
        lock (_work)
        {
            while (!_hasWork)
                Monitor.Wait(_work);
            _hasWork = false;
        }
    }
}
