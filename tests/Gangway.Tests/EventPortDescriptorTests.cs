// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>Descriptors at a port that uses epoll: pipes, sockets, an eventfd.</summary>
public sealed class EventPortDescriptorTests
{
    [Theory]
    [Rule("EV-11")]
    [InlineData(TriggerMode.OneShot, true)]
    [InlineData(TriggerMode.Edge, false)]
    [InlineData(TriggerMode.Level, true)]
    [InlineData(TriggerMode.Acknowledge, true)]
    public void Bind_OfAReadyPipe_LooksUnlessEdge(TriggerMode mode, bool comes)
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        pipe.Write();
        port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, new BindingOptions { Mode = mode });
        Assert.Equal(comes, port.TryWait(out _));
        pipe.Write();
        Assert.Equal(mode is TriggerMode.Level or TriggerMode.Edge, port.TryWait(out _));
        Assert.Equal(mode is TriggerMode.Level, port.TryWait(out _));
    }

    [Theory]
    [Rule("EV-11")]
    [InlineData(TriggerMode.OneShot)]
    [InlineData(TriggerMode.Acknowledge)]
    public void Rearm_LooksAgain(TriggerMode mode)
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        Binding binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, new BindingOptions { Mode = mode });
        pipe.Write();
        Assert.Equal((1ul, PacketKind.Descriptor, (uint)DescriptorEvents.Readable), (Ports.Next(port) is var packet ? packet.Key : 0, packet.Kind, packet.Signals));
        Assert.True(binding.Rearm());
        Ports.Next(port);
        pipe.Read();
        Assert.True(binding.Rearm());
        Ports.AssertQuiet(port);
    }

    [Fact]
    [Rule("EV-09")]
    public void OneShot_DrainedWhileMasked_IsNotReportedWhenUnmasked()
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        Binding binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 1);
        binding.Mask();
        pipe.Write();
        Ports.AssertQuiet(port);
        pipe.Read();
        binding.Unmask();
        Ports.AssertQuiet(port);
        pipe.Write();
        Ports.Next(port);
    }

    [Theory]
    [Rule("EV-09")]
    [InlineData(TriggerMode.OneShot)]
    [InlineData(TriggerMode.Edge)]
    [InlineData(TriggerMode.Level)]
    [InlineData(TriggerMode.Acknowledge)]
    public void Bind_Masked_ReportsWhenUnmasked(TriggerMode mode)
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        Binding binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, new BindingOptions { Mode = mode, IsMasked = true });
        pipe.Write();
        Ports.AssertQuiet(port);
        Assert.True(binding.Unmask());
        Assert.Equal(1ul, Ports.Next(port).Key);
    }

    [Theory]
    [Rule("EV-11")]
    [InlineData(TriggerMode.OneShot, 1)]
    [InlineData(TriggerMode.Edge, 3)]
    [InlineData(TriggerMode.Level, 6)]
    [InlineData(TriggerMode.Acknowledge, 1)]
    public void Modify_ToEachMode_FromEachMode_BehavesAsBoundSo(TriggerMode mode, int expected)
    {
        foreach (TriggerMode before in Enum.GetValues<TriggerMode>())
        {
            using EventPort port = Ports.Make(true);
            using var pipe = new Pipe();
            Binding binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, new BindingOptions { Mode = before });
            pipe.Write();
            Ports.Next(port);
            pipe.Read();
            Assert.True(binding.Modify(new BindingOptions { Mode = mode, Priority = 2 }));
            Ports.AssertQuiet(port);
            int packets = 0;
            for (int i = 0; i < 3; i++)
            {
                pipe.Write();
                packets += port.TryWait(out _) ? 1 : 0;
                packets += port.TryWait(out Packet packet) ? 1 : 0;
            }

            Assert.Equal((before, expected), (before, packets));
        }
    }

    [Fact]
    [Rule("EV-11")]
    public void EdgeBind_OfAReadyOne_BehindManyReadyOnes_ReportsNothing()
    {
        using EventPort port = Ports.Make(true);
        Pipe[] pipes = [.. Enumerable.Range(0, 200).Select(_ => new Pipe())];
        foreach (Pipe pipe in pipes)
        {
            port.Bind(pipe.Reader, DescriptorEvents.Readable, 1);
            pipe.Write();
        }

        using var last = new Pipe();
        last.Write();
        port.Bind(last.Reader, DescriptorEvents.Readable, 2, Ports.Edge);
        Assert.All(Ports.Keys(port), key => Assert.Equal(1ul, key));
        last.Write();
        Assert.Equal([2ul], Ports.Keys(port));
        foreach (Pipe pipe in pipes)
            pipe.Dispose();
    }

    [Fact]
    [Rule("EV-11")]
    public void EdgeBind_WhileAnotherThreadWaits_ReturnsAndThenReports()
    {
        using EventPort port = Ports.Make(true);
        var woken = new Notification();
        port.Bind(woken, 9, Ports.Edge);
        var keys = new List<ulong>();
        var waiter = new Thread(() =>
        {
            var packets = new Packet[4];
            while (!keys.Contains(9))
            {
                int count = port.Wait(packets);
                keys.AddRange(packets[..count].Select(packet => packet.Key));
            }
        });
        waiter.Start();
        Pipe[] pipes = [.. Enumerable.Range(0, 50).Select(_ => new Pipe())];
        foreach (Pipe pipe in pipes)
        {
            pipe.Write();
            Watchdog.Run(() => port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, Ports.Edge));
        }

        woken.Signal();
        Watchdog.Join(waiter);
        Assert.Equal([9ul], keys);
        foreach (Pipe pipe in pipes)
            pipe.Dispose();
    }

    [Fact]
    [Rule("EV-16")]
    public void EdgeBind_WhileThePortIsDisposed_Returns()
    {
        for (int round = 0; round < 50; round++)
        {
            EventPort port = Ports.Make(true);
            using var pipe = new Pipe();
            var waiter = new Thread(() => Assert.Throws<ObjectDisposedException>(() => Ports.Next(port)));
            waiter.Start();
            var binder = new Thread(() =>
            {
                try
                {
                    for (int i = 0; i < 100_000; i++)
                        port.Bind(pipe.Reader, DescriptorEvents.Readable, 1, Ports.Edge).Dispose();
                }
                catch (ObjectDisposedException)
                {
                }
            });
            binder.Start();
            Thread.Yield();
            port.Dispose();
            Watchdog.Join(waiter);
            Watchdog.Join(binder);
        }
    }

    [Fact]
    [Rule("EV-15")]
    public void Report_OfANumberThatWasUsedAgain_IsDropped()
    {
        using EventPort port = Ports.Make(true);
        using Pipe old = new(), next = new();
        // A child inherits the open file, and so keeps the kernel's registration when our handle is closed.
        using Process child = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            Binding binding = port.Bind(old.Reader, DescriptorEvents.Readable, 1, Ports.Edge);
            old.Reader.Dispose();
            binding.Dispose();
            port.Bind(next.Reader, DescriptorEvents.Readable, 2, Ports.Edge);
            old.Write();
            Ports.AssertQuiet(port);
            next.Write();
            Assert.Equal(2ul, Ports.Next(port).Key);
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void Bind_OfARegularFile_AndTwice_AndClosed_IsRefusedAndLeavesNothing()
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        using (FileStream file = File.Open(Path.GetTempFileName(), new FileStreamOptions { Options = FileOptions.DeleteOnClose }))
            Assert.Contains("EPERM", Assert.Throws<IOException>(() => port.Bind(file.SafeFileHandle, DescriptorEvents.Readable, 1)).Message);
        port.Bind(pipe.Reader, DescriptorEvents.Readable, 1);
        Assert.Contains("EEXIST", Assert.Throws<IOException>(() => port.Bind(pipe.Reader, DescriptorEvents.Readable, 1)).Message);
        Assert.Equal(1, port.BindingCount);
        var closed = new Pipe();
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => port.Bind(closed.Reader, DescriptorEvents.Readable, 1));
        Assert.Equal(1, port.BindingCount);
        using EventPort managed = Ports.Make(false);
        Assert.Throws<NotSupportedException>(() => managed.Bind(pipe.Reader, DescriptorEvents.Readable, 1));
        Assert.Equal(0, managed.BindingCount);
    }

    [Fact]
    public void Descriptor_ClosedBehindThePortsBack_IsSilentAndUnbinds()
    {
        using EventPort port = Ports.Make(true);
        using Pipe other = new();
        var pipe = new Pipe();
        Binding binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 1);
        port.Bind(other.Reader, DescriptorEvents.Readable, 2);
        pipe.Dispose();
        Ports.AssertQuiet(port);
        Assert.True(binding.Rearm());
        binding.Dispose();
        other.Write();
        Assert.Equal(2ul, Ports.Next(port).Key);
        Assert.Equal(1, port.BindingCount);
    }

    [Fact]
    [Rule("EV-16")]
    public void Cancel_WhileADescriptorIsBeingBound_LeavesItUnregistered()
    {
        using EventPort port = Ports.Make(true);
        using var pipe = new Pipe();
        int running = 1;
        Threads.Run(2, number =>
        {
            if (number == 0)
            {
                try
                {
                    for (int i = 0; i < 10_000; i++)
                        port.Bind(pipe.Reader, DescriptorEvents.Readable, 1).Dispose();
                }
                finally
                {
                    Volatile.Write(ref running, 0);
                }
            }
            else
            {
                while (Volatile.Read(ref running) != 0)
                    port.Cancel(1);
            }
        });
        Assert.Equal(0, port.BindingCount);
    }

    [Fact]
    [Rule("EV-18")]
    public void Level_SixReady_AndABatchOfTwo_Rotate()
    {
        using EventPort port = Ports.Make(true);
        Pipe[] pipes = [.. Enumerable.Range(0, 6).Select(_ => new Pipe())];
        for (int i = 0; i < 6; i++)
        {
            pipes[i].Write();
            port.Bind(pipes[i].Reader, DescriptorEvents.Readable, (ulong)i, Ports.Level);
        }

        var seen = new int[6];
        var packets = new Packet[2];
        for (int i = 0; i < 300; i++)
        {
            int count = port.Wait(packets);
            foreach (Packet packet in packets[..count])
                seen[packet.Key]++;
        }

        Assert.All(seen, count => Assert.InRange(count, seen.Max() - 1, seen.Max()));
        foreach (Pipe pipe in pipes)
            pipe.Dispose();
    }

    [Fact]
    public void Socket_IsWritable_ThenReadable_ThenHungUp()
    {
        using EventPort port = Ports.Make(true);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        Socket server = listener.Accept();
        Binding binding = port.Bind(client, DescriptorEvents.Readable | DescriptorEvents.Writable | DescriptorEvents.PeerHangUp, 1);
        Assert.Equal((uint)DescriptorEvents.Writable, Ports.Next(port).Signals);
        server.Send([1]);
        Assert.True(client.Poll(TimeSpan.FromSeconds(8), SelectMode.SelectRead));
        binding.Rearm();
        Assert.Equal((uint)(DescriptorEvents.Readable | DescriptorEvents.Writable), Ports.Next(port).Signals);
        server.Dispose();
        Watchdog.Until(() => binding.Rearm() && (Ports.Next(port).Signals & (uint)DescriptorEvents.PeerHangUp) != 0, "the peer's hang-up");
    }

    [Fact]
    [Rule("EV-11")]
    public void EventFd_InModeEdge_ComesForEachWrite_ThatAWaitIsBetween()
    {
        using EventPort port = Ports.Make(true);
        Assert.Equal(Errno.None, EventFd.Create(out EventFd? source));
        using (source)
        {
            port.Bind(source!, DescriptorEvents.Readable, 1, Ports.Edge);
            for (int i = 0; i < 5; i++)
            {
                source!.Signal();
                Assert.Equal([1ul], Ports.Keys(port));
            }

            for (int i = 0; i < 5; i++)
                source!.Signal();
            Assert.Equal([1ul], Ports.Keys(port));
        }
    }
}
