// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Events of an <see cref="AsyncSignalSource"/>: when they come, the switch, the owner, the end. See <see cref="AsyncSignalKernelTests"/>.</summary>
public sealed class AsyncSignalSourceTests
{
    private const DescriptorEvents Interest = DescriptorEvents.Readable | DescriptorEvents.PeerHangUp;

    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [Rule("RD-07")]
    [InlineData("pipe")]
    [InlineData("socketpair")]
    [InlineData("tcp")]
    public void Switch_GivesNoEvent_AndWhatCameWhileItWasOffIsNeverTold(string kind)
    {
        using EventPort owner = Ports.Make(true), witness = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        using var pair = new BytePair(kind);
        witness.Bind(pair.Reader, Interest, 1, Ports.Edge);
        Arrive();
        AsyncSignal signal = source.Add(pair.Reader, Interest, key: 5);
        Ports.AssertQuiet(owner);
        for (int round = 0; round < 5; round++)
        {
            Assert.True(signal.IsOn);
            Arrive();
            Packet packet = Ports.Next(owner);
            Assert.Equal((5ul, PacketKind.Descriptor, (uint)DescriptorEvents.Readable, 1u), (packet.Key, packet.Kind, packet.Signals, packet.Count));
            signal.TurnOff();
            signal.TurnOff();
            Assert.True(packet.IsStale && !signal.IsOn);
            Arrive();
            Ports.AssertQuiet(owner);
            signal.TurnOn();
            signal.TurnOn();
            Ports.AssertQuiet(owner);
        }

        Assert.Equal(11, pair.Drain(new byte[100]));
        Ports.AssertQuiet(owner);
        Arrive();
        Assert.Equal(5ul, Ports.Next(owner).Key);

        // The witness was there before, so it is told behind everybody.
        void Arrive()
        {
            Assert.Equal(1, pair.Write(1));
            Ports.Next(witness);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-07")]
    public void Notification_ForWhichTheKernelHasNone_ComesEachTimeItIsSignalled(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, key: 9, priority: 3);
        var notification = new Notification();
        notification.Signal(1);
        AsyncSignal signal = source.Add(notification, key: 5);
        Ports.AssertQuiet(owner);
        notification.Signal(2);
        notification.Signal(4);
        Packet packet = Ports.Next(owner);
        Assert.Equal((5ul, PacketKind.Notification, 7u, 3u, 3), (packet.Key, packet.Kind, packet.Signals, packet.Count, packet.Priority));
        for (int i = 0; i < 3; i++)
        {
            notification.Signal(1);
            Assert.Equal((5ul, 1u), (Ports.Next(owner) is var next ? next.Key : 0, next.Signals));
            Ports.AssertQuiet(owner);
        }

        signal.TurnOff();
        notification.Signal(8);
        Ports.AssertQuiet(owner);
        signal.TurnOn();
        Ports.AssertQuiet(owner);
        notification.Signal(16);
        Assert.Equal(24u, Ports.Next(owner).Signals);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("RD-07")]
    public void Event_ThatWaits_IsGoneWhenItsSourceIsSwitchedOff_OrItsKeyCancelled(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, key: 9);
        Notification[] all = [new(), new(), new(), new()];
        AsyncSignal[] signals = [.. all.Select((notification, i) => source.Add(notification, (ulong)i))];
        Fill();
        signals[1].TurnOff();
        Assert.Equal(1u, all[1].Poll().Count);
        all[1].Signal();
        Assert.Equal(1, owner.Cancel(2));
        Assert.Equal([3ul], Ports.Keys(owner));
        Assert.Equal([true, false, false, true], signals.Select(signal => signal.IsOn));

        // What waits is of before it was switched off, also if it is on again when its turn comes.
        signals[1].TurnOn();
        signals[2].TurnOn();
        Assert.Equal(2u, all[1].Poll().Count + all[2].Poll().Count);
        Fill();
        signals[1].TurnOff();
        signals[1].TurnOn();
        all[1].Signal(8);
        Packet[] packets = [.. Enumerable.Range(0, 3).Select(_ => Ports.Next(owner))];
        Assert.Equal([(1ul, 9u), (2ul, 1u), (3ul, 1u)], packets.Select(packet => (packet.Key, packet.Signals)).Order());
        Ports.AssertQuiet(owner);

        // The first packet is taken; what the others have goes to the queue by that, and waits there.
        void Fill()
        {
            foreach (Notification notification in all)
                notification.Signal(1);
            Assert.Equal(0ul, Ports.Next(owner).Key);
        }
    }

    /// <summary>What an ended binding still had on its way comes behind the next binding's event, and must not take it along.</summary>
    [Fact]
    [Rule("RD-07")]
    public void HandOver_OfABindingThatHasEnded_LeavesTheNextOnesEvent()
    {
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        Notification first = new(), second = new();
        source.Add(first, key: 1);
        AsyncSignal signal = source.Add(second, key: 2);
        var old = new AsyncNotificationNode(owner, second, signal);
        Assert.True(old.TryClose(out _, out _));
        first.Signal();
        second.Signal(1);
        Assert.Equal(1ul, Ports.Next(owner).Key);
        source.HandOver(signal, old, new Packet(default, 2, PacketKind.Notification, 7, 4, 1, 0, default));
        Assert.Equal((2ul, 1u), (Ports.Next(owner) is var packet ? packet.Key : 0, packet.Signals));
        Ports.AssertQuiet(owner);
        Assert.Equal(4u, second.Poll().Bits);
    }

    [Fact]
    [Rule("RD-07")]
    public void Event_OfADescriptor_ThatWaits_IsGoneWhenItIsSwitchedOff()
    {
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        using BytePair first = new("pipe"), second = new("pipe");
        source.Add(first.Reader, Interest, key: 1);
        AsyncSignal signal = source.Add(second.Reader, Interest, key: 2);
        first.Write(1);
        second.Write(1);
        Assert.Equal(1ul, Ports.Next(owner).Key);
        signal.TurnOff();
        Ports.AssertQuiet(owner);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Events_OfManySources_FillOneWait_AndLetOthersBetween(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, key: 99);
        Notification[] all = [.. Enumerable.Range(0, 10).Select(_ => new Notification())];
        for (int i = 0; i < all.Length; i++)
            source.Add(all[i], (ulong)i);
        var other = new Notification();
        owner.Bind(other, 50, Ports.Edge);
        foreach (Notification notification in all)
            notification.Signal();
        other.Signal();
        var packets = new Packet[16];
        Assert.Equal(11, owner.Wait(packets));
        Assert.Equal([0ul, 1ul, 2ul, 3ul, 4ul, 5ul, 6ul, 7ul, 8ul, 9ul, 50ul], packets[..11].Select(packet => packet.Key).Order());
        Assert.True(Array.FindIndex(packets, packet => packet.Key == 50) < 2, "the other came behind the whole queue");
    }

    [Fact]
    public void Add_OfWhatCannotBe_IsRefusedAndLeavesNothing()
    {
        using EventPort owner = Ports.Make(true), managed = Ports.Make(false);
        using var source = new AsyncSignalSource(owner, key: 9);
        using var without = new AsyncSignalSource(managed, key: 9);
        using var pair = new BytePair("pipe");
        AsyncSignal signal = source.Add(pair.Reader, Interest, key: 1);
        Assert.Throws<IOException>(() => source.Add(pair.Reader, Interest, key: 1));
        Assert.Throws<NotSupportedException>(() => without.Add(pair.Reader, Interest, key: 1));
        var bound = new Notification();
        managed.Bind(bound, 1);
        Assert.Throws<InvalidOperationException>(() => source.Add(bound, key: 1));
        Assert.Equal((2, 2), (owner.BindingCount, managed.BindingCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncSignalSource(owner, key: 1, quota: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncSignalSource(owner, key: 1, priority: 16));
        signal.Dispose();
        Assert.Throws<ObjectDisposedException>(signal.TurnOn);
        using AsyncSignal again = source.Add(pair.Reader, Interest, key: 1);
        pair.CloseWriter();
        Assert.Equal((uint)DescriptorEvents.HangUp, Ports.Next(owner).Signals);
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => source.Add(pair.Reader, Interest, key: 1));
        Assert.Throws<ObjectDisposedException>(again.TurnOn);
        Assert.Equal(0, owner.BindingCount);
    }

    /// <summary>The owner, the source, one of its signals and a descriptor end in each order, with events that wait and without.</summary>
    [Theory]
    [Rule("RD-07")]
    [InlineData(false)]
    [InlineData(true)]
    public void Ends_InAnyOrder_LeaveNothing(bool hasEvents)
    {
        for (int order = 0; order < 24; order++)
        {
            EventPort owner = Ports.Make(true);
            var source = new AsyncSignalSource(owner, key: 9);
            var pair = new BytePair("pipe");
            var notification = new Notification();
            AsyncSignal signal = source.Add(notification, key: 1);
            source.Add(pair.Reader, Interest, key: 2);
            if (hasEvents)
            {
                notification.Signal();
                pair.Write(1);
                Ports.Next(owner);
                notification.Signal();
            }

            List<Action> ends = [owner.Dispose, source.Dispose, signal.Dispose, pair.Dispose];
            for (int left = ends.Count, number = order; left > 0; number /= left, left--)
            {
                ends[number % left]();
                ends.RemoveAt(number % left);
            }

            source.Dispose();
            signal.TurnOff();
            Assert.Equal(0, owner.BindingCount);
            Assert.False(signal.IsOn);
            using EventPort next = Ports.Make(true);
            next.Bind(notification, 1);
            notification.Signal();
            Assert.Equal(1ul, Ports.Next(next).Key);
        }
    }

    /// <summary>Cancelling its own key ends it whole: else its sources were on, and nobody told of them.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    public void Cancel_OfTheSourcesKey_EndsIt(bool usesKernel)
    {
        using EventPort owner = Ports.Make(usesKernel);
        using var source = new AsyncSignalSource(owner, key: 9);
        var notification = new Notification();
        AsyncSignal signal = source.Add(notification, key: 1);
        notification.Signal();
        Assert.Equal(1, owner.Cancel(9));
        Ports.AssertQuiet(owner);
        Assert.False(signal.IsOn);
        Assert.Equal((0, 1u), (owner.BindingCount, notification.Poll().Count));
    }
}
