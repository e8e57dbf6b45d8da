// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

// Notifications across the connection: inside a process they are signalled where the sender is.
internal sealed partial class InProcessLink
{
    private readonly GrantedNotifications _granted;

    /// <inheritdoc/>
    internal override int LanesToSend { get; }

    /// <inheritdoc/>
    internal override int LanesToReceive => _granted.Most;

    /// <inheritdoc/>
    internal override int Grant(Notification notification, uint permitted) => _granted.Grant(notification, permitted);

    /// <inheritdoc/>
    internal override void Permit(int lane, uint permitted) => _granted.Permit(lane, permitted);

    /// <inheritdoc/>
    internal override void PrepareSender()
    {
        // There is nothing to make.
    }

    /// <inheritdoc/>
    internal override void Signal(int lane, uint bits) => _peer._granted.Signal(lane, bits);
}
