// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The packets that the program posts to a port: at most so many, in nodes that are used again.</summary>
/// <remarks><b>Threads:</b> any, under its lock, which nobody holds while it waits.</remarks>
internal sealed class PostedPackets(EventPort port, SourceRegistry registry, int most)
{
    private readonly Lock _lock = new();
    private readonly Stack<PostedNode> _free = [];
    private readonly List<PostedNode> _all = [];
    private readonly List<Notification> _refused = [];

    /// <summary>Posts one.</summary>
    /// <param name="packet">What it carries.</param>
    /// <param name="spaceAvailable">What to signal once when there is room again, if there is none now.</param>
    /// <returns>False when there is no room.</returns>
    internal bool TryPost(in PostedPacket packet, Notification? spaceAvailable)
    {
        PostedNode? node;
        lock (_lock)
        {
            if (!_free.TryPop(out node))
            {
                if (_all.Count >= most)
                {
                    if (spaceAvailable is not null && !_refused.Contains(spaceAvailable))
                        _refused.Add(spaceAvailable);
                    return false;
                }

                node = new PostedNode(port, this);
                ObjectDisposedException.ThrowIf(!registry.TryNumber(node), port);
                _all.Add(node);
            }

            node.Fill(packet);
        }

        node.TrySignal(0);
        return true;
    }

    /// <summary>Drops what waits with a key.</summary>
    /// <returns>How many.</returns>
    internal int Cancel(ulong key)
    {
        int cancelled = 0;
        lock (_lock)
        {
            foreach (PostedNode node in _all)
                cancelled += node.TryCancel(key) ? 1 : 0;
        }

        return cancelled;
    }

    /// <summary>The baton's holder has taken a node out of its queue: what it carries, if that was not cancelled.</summary>
    internal bool TryTake(PostedNode node, out PostedPacket packet)
    {
        Notification[] told;
        bool isGood;
        lock (_lock)
        {
            isGood = node.Empty(out packet);
            _free.Push(node);
            if (_refused.Count == 0)
                return isGood;
            told = [.. _refused];
            _refused.Clear();
        }

        foreach (Notification notification in told)
            notification.Signal();
        return isGood;
    }
}
