// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The binding and badge cases of seL4's test suite (binding.c), as far as a port has their like.</summary>
public sealed class EventPortSeL4Cases
{
    public static TheoryData<bool> Backends => Ports.Backends;

    /// <summary>BIND0001: who waits in one place gets messages and signals, and tells them apart; the badge is the whole key.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-12")]
    public void Receiver_GetsMessagesAndSignals_InOnePlace(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        const ulong Badge = 0xFEDC_BA98_7654_3210;
        port.Bind(notification, Badge, Ports.Edge);
        for (uint i = 1; i <= 100; i++)
        {
            port.TryPost(Badge, status: (int)i);
            notification.Signal(i);
            Packet message = Ports.Next(port), signal = Ports.Next(port);
            Assert.Equal((PacketKind.Posted, Badge, (int)i), (message.Kind, message.Key, message.Status));
            Assert.Equal((PacketKind.Notification, Badge, i), (signal.Kind, signal.Key, signal.Signals));
        }
    }

    /// <summary>BIND0003 and 0004: it does not matter whether the receiver or the sender comes first.</summary>
    [Theory]
    [Rule("EV-07")]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Order_OfReceiverAndSender_DoesNotMatter(bool usesKernel, bool isReceiverFirst)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1);
        uint found = 0;
        var receiver = new Thread(() => found = Ports.Next(port).Signals);
        if (isReceiverFirst)
        {
            receiver.Start();
            Watchdog.Until(() => (receiver.ThreadState & ThreadState.WaitSleepJoin) != 0 || usesKernel, "the receiver's sleep");
        }

        notification.Signal(6);
        if (!isReceiverFirst)
            receiver.Start();
        Watchdog.Join(receiver);
        Assert.Equal(6u, found);
    }

    /// <summary>Signals of any number of senders before one look are one word: bits are united, no look between.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-02")]
    public void Badges_OfSeveralSenders_AreUnited(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1, Ports.Edge);
        Threads.Run(8, number => notification.Signal(1u << number));
        Assert.Equal((0xFFu, 8u), (Ports.Next(port) is var packet ? packet.Signals : 0, packet.Count));
        Ports.AssertQuiet(port);
    }

    /// <summary>A signal without any bit is one all the same: the state decides, not the word.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-02")]
    public void Signal_WithoutBits_IsDelivered(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1, Ports.Edge);
        notification.Signal();
        Assert.Equal((0u, 1u), (Ports.Next(port) is var packet ? packet.Signals : 9, packet.Count));
    }

    /// <summary>Unbind while signalled, and bind elsewhere: the word goes along, under the next port's badge.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-08")]
    public void Rebind_ToAnotherPort_TakesThePendingWordAlong(bool usesKernel)
    {
        using EventPort first = Ports.Make(usesKernel), second = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = first.Bind(notification, 1);
        notification.Signal(3);
        binding.Dispose();
        second.Bind(notification, 2);
        Assert.Equal((2ul, 3u), (Ports.Next(second) is var packet ? packet.Key : 0, packet.Signals));
        Ports.AssertQuiet(first);
    }
}
