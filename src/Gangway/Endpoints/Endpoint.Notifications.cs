// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// Notifications across the connection, which are lanes; and what a port hears of it.
public sealed partial class Endpoint
{
    private Notification? _events;

    /// <summary>What a port hears of it; made when it is first bound, with what is so already.</summary>
    internal Notification Events
    {
        get
        {
            lock (_lifecycle)
            {
                if (_events is { } made)
                    return made;
                var events = new Notification();
                if (_link is not null)
                    events.Signal((uint)EndpointEvents.Connected);
                if (_link is not null && State != EndpointState.Connected && DisconnectReason != DisconnectReason.None)
                    events.Signal((uint)EndpointEvents.Disconnected);
                Volatile.Write(ref _events, events);
                return events;
            }
        }
    }

    /// <summary>Lets the other side signal a notification of this one.</summary>
    /// <param name="notification">
    /// Bound to a port or not. It can be granted more than once, to one peer or several: their bits are then united.
    /// </param>
    /// <param name="permittedBits">Of <see cref="NotificationSender.AllBits"/>: what the other side may signal. The rest is dropped.</param>
    /// <returns>
    /// The number of the lane, from 0 up: tell it to the other side, in a reply or a message, which gives it to
    /// <see cref="SenderOf"/>. A number is never granted twice.
    /// </returns>
    /// <remarks>
    /// When the connection ends the notification gets <see cref="NotificationSender.SenderGone"/>, once for each grant; at
    /// once, if it has ended already. What the other side signalled before the grant may come with its first signal after it.
    /// The notification is kept until the connection has ended. <b>Threads:</b> any.
    /// <b>Blocks:</b> for a moment while signals are taken. <b>Allocates:</b> some 20 bytes for each lane.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A bit that no sender can have.</exception>
    /// <exception cref="InvalidOperationException">
    /// It never connected; or the connection has no lanes to this side, or no more of them. The message says what to do.
    /// </exception>
    public int Grant(Notification notification, uint permittedBits = NotificationSender.AllBits)
    {
        ArgumentNullException.ThrowIfNull(notification);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permittedBits, NotificationSender.AllBits);
        Link link = LinkForLanes();
        int lane = link.Grant(notification, permittedBits);
        if (lane < 0)
            throw NoLanes(link.LanesToReceive, nameof(EndpointOptions.LanesToReceive), nameof(EndpointOptions.LanesToSend));
        return lane;
    }

    /// <summary>Changes which bits of a lane the other side may signal from now on.</summary>
    /// <param name="lane">What <see cref="Grant"/> returned.</param>
    /// <param name="permittedBits">As in <see cref="Grant"/>; 0: nothing more comes but <see cref="NotificationSender.SenderGone"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such lane was granted, or a bit that no sender can have.</exception>
    /// <exception cref="InvalidOperationException">It never connected.</exception>
    public void PermitBits(int lane, uint permittedBits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permittedBits, NotificationSender.AllBits);
        LinkForLanes().Permit(lane, permittedBits);
    }

    /// <summary>What signals a notification that the other side has granted.</summary>
    /// <param name="lane">
    /// The number that the other side told. One that it has not granted does no harm: signals go nowhere.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The connection has no lane of this number.</exception>
    /// <exception cref="InvalidOperationException">It never connected, or the connection has no lanes from this side.</exception>
    public NotificationSender SenderOf(int lane)
    {
        Link link = LinkForLanes();
        int lanes = link.LanesToSend;
        if (lanes == 0)
            throw NoLanes(0, nameof(EndpointOptions.LanesToSend), nameof(EndpointOptions.LanesToReceive));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)lane, (uint)lanes, nameof(lane));
        link.PrepareSender();
        return new NotificationSender(link, lane);
    }

    private Link LinkForLanes() => Volatile.Read(ref _link)
        ?? throw new InvalidOperationException($"The endpoint of {Address} has not connected: it has no lanes before.");

    private InvalidOperationException NoLanes(int lanes, string clients, string servers)
    {
        string which = IsAccepted ? servers : clients;
        return new InvalidOperationException(lanes == 0
            ? $"The connection to {Address} has no such lanes. Its client asks for them with EndpointOptions.{which} when it connects."
            : $"All {lanes} lanes of the connection to {Address} are granted. Its client can ask for more with "
                + $"EndpointOptions.{which}; the listener says how many it may have (ListenerOptions.MaxLanes).");
    }
}
