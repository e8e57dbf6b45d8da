// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The cases of Zircon's own suite of ports (utest/core/port/ports.cc), written anew for this port.</summary>
public sealed class EventPortZirconCases
{
    public static TheoryData<bool> Backends => Ports.Backends;

    /// <summary>QueueWaitVerifyUserPacket: all fields are kept, but the kind is the port's.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-12")]
    public void Post_KeepsAllFields_AndIsOfItsOwnKind(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        byte[] bytes = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        Assert.True(port.TryPost(ulong.MaxValue, PacketPayload.Of(bytes), status: -7, priority: 15));
        Packet packet = Ports.Next(port);
        PacketPayload payload = packet.Payload;
        Assert.Equal((ulong.MaxValue, PacketKind.Posted, -7, 15), (packet.Key, packet.Kind, packet.Status, packet.Priority));
        Assert.Equal(bytes, ((ReadOnlySpan<byte>)payload).ToArray());
        Assert.False(packet.IsStale || packet.Binding.Acknowledge());
        Assert.Throws<ArgumentException>(() => PacketPayload.Of(new byte[33]));
        Assert.Throws<ArgumentOutOfRangeException>(() => port.TryPost(1, priority: 16));
    }

    /// <summary>PortTimeout; a deadline that has passed still gives what is queued.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-21")]
    public void Wait_PastItsDeadline_StillGivesWhatIsQueued(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var packets = new Packet[2];
        Assert.Equal(0, port.Wait(packets, Deadline.After(TimeSpan.Zero)));
        Assert.Equal(0, port.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(3))));
        port.TryPost(1);
        Assert.Equal(1, port.Wait(packets, Deadline.After(TimeSpan.Zero)));
        Assert.Throws<ArgumentException>(() => port.Wait([]));
    }

    /// <summary>AsyncWaitEventRepeat: 24 times set, taken and armed anew.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-11")]
    public void OneShot_RearmedAfterEachPacket_ComesEachTime(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        Binding binding = port.Bind(notification, 1128);
        for (uint i = 1; i <= 24; i++)
        {
            notification.Signal(i);
            Packet packet = Ports.Next(port);
            Assert.Equal((1128ul, i, 1u), (packet.Key, packet.Signals, packet.Count));
            Ports.AssertQuiet(port);
            Assert.True(binding.Rearm());
            Ports.AssertQuiet(port);
        }
    }

    /// <summary>EventAsyncSignalWaitSingle: seven sources under seven keys, signalled in another order.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-05")]
    [Rule("EV-06")]
    public void SevenKeys_ComeAsTheyWereSignalled(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var all = new Notification[7];
        for (int i = 0; i < all.Length; i++)
            port.Bind(all[i] = new Notification(), (ulong)(100 + i));
        foreach (int i in (int[])[3, 0, 6, 2, 5, 1, 4])
            all[i].Signal();
        Assert.Equal([103ul, 100ul, 106ul, 102ul, 105ul, 101ul, 104ul], Ports.Keys(port));
    }

    /// <summary>AsyncWaitEventManyAllProcessed: 16,385, one more than their packets had room.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-13")]
    public void Signals_OfMoreSourcesThanAnyQuota_AreAllDelivered(bool usesKernel)
    {
        using var port = new EventPort(new EventPortOptions { UsesKernel = usesKernel, PostedMax = 1 });
        Assert.True(port.TryPost(0));
        Assert.False(port.TryPost(0));
        const int Count = 16_385;
        for (int i = 1; i <= Count; i++)
        {
            var notification = new Notification();
            notification.Signal();
            port.Bind(notification, (ulong)i);
        }

        Assert.Equal(Enumerable.Range(0, Count + 1).Select(i => (ulong)i), Ports.Keys(port));
    }

    /// <summary>CancelEventKey: of several with one key, queued and not, all are gone. CancelEventKeyAfter: others stay.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-14")]
    public void Cancel_OfADuplicateKey_TakesQueuedAndPending(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        Notification[] all = [new(), new(), new(), new(), new()];
        foreach ((Notification notification, ulong key) in all.Zip((ulong[])[20, 20, 21, 20, 22]))
            port.Bind(notification, key);
        all[0].Signal();
        all[2].Signal();
        all[4].Signal();
        Assert.Equal(3, port.Cancel(20));
        foreach (Notification notification in all)
            notification.Signal();
        Assert.Equal([21ul, 22ul], Ports.Keys(port));
        Assert.Equal(0, port.Cancel(20));
    }

    /// <summary>ThreadEvents: threads that each signal their own source, and share the packets.</summary>
    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public void Threads_EachWithItsSource_GetAllThatTheySignal(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        long total = 0;
        Threads.Run(4, number =>
        {
            var notification = new Notification();
            Binding binding = port.Bind(notification, (ulong)number);
            var packets = new Packet[1];

            // Nobody ends a binding before all is taken: another thread may have its packet, and two signals may be one.
            for (int i = 0; Volatile.Read(ref total) < 8000; i++)
            {
                if (i < 2000)
                    notification.Signal();
                if (port.Wait(packets, Deadline.After(i < 2000 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(2))) == 0)
                    continue;
                Assert.True(packets[0].Binding.Rearm());
                Interlocked.Add(ref total, packets[0].Count);
            }

            binding.Dispose();
        });
        Assert.Equal(8000, total);
    }
}
