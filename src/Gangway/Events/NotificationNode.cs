// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A notification's place at a port.</summary>
internal sealed class NotificationNode(EventPort port, Notification notification, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Notification, options)
{
    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        Delivered delivered = base.Deliver(out packet);
        if (delivered == Delivered.Once)
            notification.OnTaken();
        return delivered;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => notification.OnUnbound(this, left);
}
