// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>One posted packet's place at a port.</summary>
internal sealed class PostedNode(EventPort port, PostedPackets owner)
    : SourceNode(port, 0, PacketKind.Posted, new BindingOptions { Mode = TriggerMode.Edge })
{
    private PostedPacket _packet;
    private bool _isFull;

    /// <summary>Under the owner's lock.</summary>
    internal void Fill(in PostedPacket packet)
    {
        _packet = packet;
        _isFull = true;
        Priority = packet.Priority;
    }

    /// <summary>Under the owner's lock.</summary>
    internal bool TryCancel(ulong key)
    {
        if (!_isFull || _packet.Key != key)
            return false;
        _isFull = false;
        return true;
    }

    /// <summary>Under the owner's lock.</summary>
    /// <returns>False when it was cancelled.</returns>
    internal bool Empty(out PostedPacket packet)
    {
        packet = _packet;
        bool wasFull = _isFull;
        _isFull = false;
        return wasFull;
    }

    /// <inheritdoc/>
    internal override bool IsDead => !_isFull;

    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        // Its word first: when it is free again, the next poster may link it.
        base.Deliver(out packet);
        if (!owner.TryTake(this, out PostedPacket posted))
            return Delivered.Nothing;
        packet = new Packet(default, posted.Key, PacketKind.Posted, posted.Priority, 0, 1, posted.Status, posted.Payload);
        return Delivered.Once;
    }
}
