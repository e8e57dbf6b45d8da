// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A notification's place at a port.</summary>
internal class NotificationNode(EventPort port, Notification notification, PacketKind kind, ulong key, BindingOptions options)
    : SourceNode(port, key, kind, options)
{
    /// <summary>What is bound.</summary>
    private protected Notification Notification { get; } = notification;

    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        Delivered delivered = base.Deliver(out packet);
        if (delivered == Delivered.Once)
            Notification.OnTaken();
        return delivered;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => Notification.OnUnbound(this, left);
}
