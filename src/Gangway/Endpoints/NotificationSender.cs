// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

/// <summary>Signals one <see cref="Notification"/> of the other side of a connection.</summary>
/// <remarks>
/// The receiving side grants it (<see cref="Endpoint.Grant"/>), says which bits are permitted, and chooses badge, priority and
/// mode where it binds the notification; the sender sees and chooses none of that. Bits coalesce until they are taken.
/// <b>Threads:</b> any. A value; all copies signal the same. Source: Xen's event channels, seL4's notifications.
/// </remarks>
public readonly struct NotificationSender : IEquatable<NotificationSender>
{
    /// <summary>
    /// The bit that a granted notification gets, once for each lane, when its sender is gone: the connection has ended, by
    /// whichever side. No sender can signal it. Source: Mach's no-senders notification.
    /// </summary>
    public const uint SenderGone = 1u << 31;

    /// <summary>The bits that a sender can have: all but <see cref="SenderGone"/>.</summary>
    public const uint AllBits = ~SenderGone;

    private readonly Link? _link;

    internal NotificationSender(Link link, int lane)
    {
        _link = link;
        Lane = lane;
    }

    /// <summary>The number of the lane in its connection.</summary>
    public int Lane { get; }

    /// <summary>Signals bits.</summary>
    /// <param name="bits">At least one, of <see cref="AllBits"/>. Those that are not permitted are dropped over there.</param>
    /// <remarks>
    /// Never blocks, never fails, and tells nothing about the receiver: after the end of the connection it does nothing. What
    /// was written before is seen by whoever takes the bits. It needs no room: a full ring is no matter. <b>Cost:</b> a
    /// fence, and at each level of the lane tree (2 to 4) up to two locked instructions where the bit was not pending; a
    /// system call when the receiver sleeps. Inside a process what <see cref="Notification.Signal(uint)"/> costs, and three locked
    /// instructions. <b>Allocates:</b> nothing.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">No bit, or <see cref="SenderGone"/>.</exception>
    /// <exception cref="InvalidOperationException">This is `default`.</exception>
    public void Signal(uint bits = 1)
    {
        if (bits is 0 or > AllBits)
            ThrowBits(bits);
        if (_link is not { } link)
            throw new InvalidOperationException("This sender is of no connection: get one from Endpoint.SenderOf.");
        link.Signal(Lane, bits);
        GC.KeepAlive(link);
    }

    /// <inheritdoc/>
    public bool Equals(NotificationSender other) => _link == other._link && Lane == other.Lane;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NotificationSender other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_link, Lane);

    /// <summary>Whether both signal the same lane.</summary>
    public static bool operator ==(NotificationSender left, NotificationSender right) => left.Equals(right);

    /// <summary>Whether they do not.</summary>
    public static bool operator !=(NotificationSender left, NotificationSender right) => !left.Equals(right);

    private static void ThrowBits(uint bits) => throw new ArgumentOutOfRangeException(
        nameof(bits), bits, "A signal has at least one of the lower 31 bits; the highest is NotificationSender.SenderGone.");
}
