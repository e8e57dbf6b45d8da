// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Events;

/// <summary>Notifications, and a thread that waits at their port.</summary>
internal sealed class PortNotificationPass : PassWork
{
    private readonly Notification[] _notifications;
    private readonly PortThread _receiver;

    /// <summary>Binds so many.</summary>
    public PortNotificationPass(int sources)
        : base(sources)
    {
        _receiver = new PortThread(_ => OnHandled());
        _notifications = new Notification[sources];
        for (int i = 0; i < sources; i++)
        {
            _notifications[i] = new Notification();
            _receiver.Port.Bind(_notifications[i], (ulong)i, BoundNotifications.Edge);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _receiver.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Signal(int source) => _notifications[source].Signal(1);
}
