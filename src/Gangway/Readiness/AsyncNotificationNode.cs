// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A notification's place at the owner of an <see cref="AsyncSignalSource"/>: what it has goes into the queue there.</summary>
internal sealed class AsyncNotificationNode(EventPort port, Notification notification, AsyncSignal signal)
    : NotificationNode(port, notification, PacketKind.Notification, signal.Key, signal.Source.Options)
{
    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        Delivered delivered = base.Deliver(out packet);
        if (delivered != Delivered.Once)
            return delivered;
        signal.Source.HandOver(signal, this, packet);
        return Delivered.Nothing;
    }

    /// <summary>Its event is dropped: what was signalled is the notification's again, and comes with the next signal.</summary>
    internal void GiveBack(Signals signals) => Notification.GiveBack(this, signals);

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        base.OnUnbound(left);
        signal.Source.Forget(signal, this);
    }

    /// <inheritdoc/>
    internal override bool TryModify(BindingOptions options) => base.TryModify(options with { Mode = TriggerMode.Edge });
}
