// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gangway.Tests;

/// <summary>Sources of every kind in one wait; processes and POSIX signals.</summary>
public sealed class EventPortSourceTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-12")]
    public void EveryKind_InOneWait_ComesByPriority(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        using Process process = Start("exit 7");
        process.WaitForExit();
        using EventFdSource? descriptor = usesKernel ? new EventFdSource() : null;
        var time = new ManualTime();
        var timer = new EventTimer(time);
        var notification = new Notification();
        port.TryPost(5, priority: 5);
        notification.Signal();
        port.Bind(notification, 4, new BindingOptions { Priority = 4 });
        timer.Set(TimeSpan.Zero);
        port.Bind(timer, 3, new BindingOptions { Priority = 3 });
        time.Advance(0);
        port.Bind(process, 2, new BindingOptions { Priority = 2 });
        if (descriptor is not null)
        {
            descriptor.Source.Signal();
            port.Bind(descriptor.Source, DescriptorEvents.Readable, 1, new BindingOptions { Priority = 1 });
        }

        var packets = new Packet[8];
        int count = port.Wait(packets);
        PacketKind[] expected = [PacketKind.Descriptor, PacketKind.Process, PacketKind.Timer, PacketKind.Notification, PacketKind.Posted];
        Assert.Equal(usesKernel ? expected : expected[1..], packets[..count].Select(packet => packet.Kind));
        Assert.Equal(7, packets.Single(packet => packet.Kind == PacketKind.Process).Status);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-11")]
    public void Process_ComesOnceWithItsExitCode_AlsoWhenItIsDisposedBefore(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var notification = new Notification();
        port.Bind(notification, 1);
        Process process = Start("read x; exit 3");
        port.Bind(process, 2, Ports.Edge);
        Ports.AssertQuiet(port);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal((2ul, 3), (Ports.Next(port) is var packet ? packet.Key : 0, packet.Status));

        port.Bind(process, 3);
        port.Bind(process, 4, Ports.Edge);
        process.Dispose();
        notification.Signal();
        Assert.Equal([3ul, 1ul], Ports.Keys(port));
        using var never = new Process();
        Assert.Throws<InvalidOperationException>(() => port.Bind(never, 5));
        Assert.Equal(4, port.BindingCount);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-11")]
    public void PosixSignal_IsAPacketForEach_UntilItIsUnbound(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        foreach (TriggerMode mode in (TriggerMode[])[TriggerMode.Edge, TriggerMode.Level])
        {
            using Binding binding = port.Bind(PosixSignal.SIGWINCH, 1, new BindingOptions { Mode = mode });
            for (int i = 0; i < 3; i++)
            {
                using (Process kill = Start($"kill -WINCH {Environment.ProcessId}"))
                    kill.WaitForExit();
                Packet packet = Ports.Next(port);
                Assert.Equal((PacketKind.PosixSignal, (int)PosixSignal.SIGWINCH), (packet.Kind, packet.Status));
                Ports.AssertQuiet(port);
            }
        }

        Assert.ThrowsAny<Exception>(() => port.Bind((PosixSignal)9999, 1));
        Assert.Equal(0, port.BindingCount);
    }

    private static Process Start(string script) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true })!;

    private sealed class EventFdSource : IDisposable
    {
        internal EventFdSource()
        {
            Assert.Equal(Platform.Errno.None, Platform.EventFd.Create(out Platform.EventFd? source));
            Source = source!;
        }

        internal Platform.EventFd Source { get; }

        public void Dispose() => Source.Dispose();
    }
}
