// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Tests;

/// <summary>Bindings that end while somebody binds, looks, or delivers: step by step, as the threads could come.</summary>
public sealed class EventPortEndingTests
{
    [Fact]
    [Rule("EV-07")]
    public void Bind_CancelledBeforeItIsDone_LeavesTheNotificationUnbound()
    {
        using var port = new EventPort();
        var notification = new Notification();
        notification.Signal(1);
        NotificationNode node = Node(port, notification);
        Assert.True(node.TryClose(out Signals left, out _));
        node.OnUnbound(left);
        Assert.True(notification.TryBind(node));

        var signaller = new Thread(() => notification.Signal(2)) { IsBackground = true };
        signaller.Start();
        Watchdog.Join(signaller);
        Assert.Equal(3u, notification.Poll().Bits);
    }

    [Fact]
    [Rule("EV-07")]
    public void Cancel_OfANodeThatWasNeverBound_LeavesTheOtherBinding()
    {
        using var port = new EventPort();
        var notification = new Notification();
        port.Bind(notification, key: 1);
        NotificationNode node = Node(port, notification);
        node.TryClose(out Signals left, out _);
        node.OnUnbound(left);
        Assert.False(notification.TryBind(node));

        notification.Signal(4);
        Assert.True(port.TryWait(out Packet packet));
        Assert.Equal((1ul, 4u), (packet.Key, packet.Signals));
    }

    [Fact]
    public void Bind_OfATimerThatIsCancelledBeforeItIsDone_LeavesItUnbound()
    {
        using var port = new EventPort();
        var timer = new EventTimer();
        var node = new TimerSourceNode(port, timer, 1, default);
        node.TryClose(out Signals left, out _);
        node.OnUnbound(left);
        Assert.True(timer.TryBind(node));
        port.Bind(timer, key: 2);
    }

    /// <summary>Who has read the old cell before looks there behind its end.</summary>
    [Fact]
    [Rule("EV-07")]
    public void Take_BehindTheEnd_FindsNothing()
    {
        using var port = new EventPort();
        NotificationNode node = Node(port, new Notification());
        node.TrySignal(5);
        Assert.True(node.TryClose(out Signals left, out _));
        Assert.Equal(5u, left.Bits);
        Assert.False(node.TryTake(out Signals behind));
        Assert.True(behind.IsEmpty);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Deliver_OfWhatWasTaken_LetsTheNodeGoUnlessItHasEnded(bool hasEnded)
    {
        using var port = new EventPort();
        NotificationNode node = Node(port, new Notification());
        node.TrySignal(5);
        Assert.True(node.TryTake(out _));
        if (hasEnded)
        {
            Assert.True(node.TryClose(out _, out bool wasLinked));
            Assert.True(wasLinked);
        }

        Assert.Equal(hasEnded ? Delivered.Dropped : Delivered.Nothing, node.Deliver(out _));
        Assert.Equal(!hasEnded, node.TryClose(out _, out bool isLinked) && !isLinked);
    }

    /// <summary>A waiter looks while what is pending is on its way from the binding to the notification's own cell.</summary>
    [Fact]
    [Rule("EV-07")]
    public void Wait_BesideTheEndOfABinding_GetsWhatItHeld()
    {
        for (int round = 0; round < 10; round++)
        {
            using var port = new EventPort();
            var notification = new Notification();
            NotificationNode node = Node(port, notification);
            Assert.True(notification.TryBind(node));
            notification.Signal(9);
            Assert.True(node.TryClose(out Signals left, out _));
            uint found = 0;
            var waiter = new Thread(() => found = notification.Wait(Deadline.After(Watchdog.Bound)).Bits);
            waiter.Start();

            // It sleeps by now, or comes later: both are good, and the first one is what could go wrong.
            Thread.Sleep(round);
            node.OnUnbound(left);
            Watchdog.Join(waiter);
            Assert.Equal(9u, found);
        }
    }

    /// <summary>A node that the port's registry does not know: no waiter comes by it.</summary>
    private static NotificationNode Node(EventPort port, Notification notification) => new(port, notification, PacketKind.Notification, 1, default);
}
