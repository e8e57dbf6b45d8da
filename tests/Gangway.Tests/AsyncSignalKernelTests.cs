// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary><see cref="AsyncSignalSource"/> beside the kernel's own O_ASYNC, on the same descriptors.</summary>
/// <remarks>
/// They agree on whether there is an event. Of the count: the kernel queues a signal for each arrival, we have one event that
/// takes along what came before it was taken; the end of a TCP connection is two signals.
/// </remarks>
public sealed class AsyncSignalKernelTests(ITestOutputHelper output)
{
    private const DescriptorEvents Interest = DescriptorEvents.Readable | DescriptorEvents.PeerHangUp;

    [Theory]
    [Rule("RD-07")]
    [InlineData("pipe")]
    [InlineData("socketpair")]
    [InlineData("tcp")]
    public void RandomProgram_OfArrivalsReadsAndSwitches_GivesAnEventWhereTheKernelDoes(string kind)
    {
        Random random = Seed.Take(output).Random(kind.Length);
        int programs = TestLevel.Pick(5, 30, 1_000), events = 0;
        for (int i = 0; i < programs; i++)
            events += Watchdog.Run(() => RunProgram(kind, random));
        output.WriteLine($"{programs} programs, {events} events");
        Assert.True(events > programs * 5, "hardly any event");
    }

    [Theory]
    [Rule("RD-07")]
    [InlineData("pipe", KernelAsync.POLL_IN, DescriptorEvents.HangUp)]
    [InlineData("socketpair", KernelAsync.POLL_HUP, DescriptorEvents.Readable | DescriptorEvents.HangUp | DescriptorEvents.PeerHangUp)]
    [InlineData("tcp", KernelAsync.POLL_IN, DescriptorEvents.Readable | DescriptorEvents.PeerHangUp)]
    public void HangUp_IsAnEvent_AsTheKernelSays(string kind, int code, DescriptorEvents expected) => Watchdog.Run(() =>
    {
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        using var pair = new BytePair(kind);
        var kernel = new KernelAsync(pair.Reader);
        source.Add(pair.Reader, Interest, key: 1);
        pair.CloseWriter();
        Packet packet = Ports.Next(owner);
        Assert.Equal((1ul, PacketKind.Descriptor, expected), (packet.Key, packet.Kind, (DescriptorEvents)packet.Signals));
        List<int> codes = [];
        Watchdog.Until(() => { codes.AddRange(kernel.Take()); return codes.Count > 0; }, "the kernel's signal");
        Assert.Contains(code, codes);
    });

    /// <summary>The kernel takes the flag for an eventfd, and never sends a signal.</summary>
    [Fact]
    [Rule("RD-07")]
    public void EventFd_ForWhichTheKernelHasNone_GivesAnEventForEachWrite() => Watchdog.Run(() =>
    {
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        Assert.Equal(Errno.None, EventFd.Create(out EventFd? eventFd));
        using (eventFd)
        {
            var kernel = new KernelAsync(eventFd!);
            eventFd!.Signal();
            source.Add(eventFd, DescriptorEvents.Readable, key: 1);
            Ports.AssertQuiet(owner);
            for (int i = 0; i < 5; i++)
            {
                eventFd.Signal();
                Assert.Equal([1ul], Ports.Keys(owner));
            }

            Assert.Empty(kernel.Take());
        }
    });

    private static int RunProgram(string kind, Random random)
    {
        using EventPort owner = Ports.Make(true);
        using var source = new AsyncSignalSource(owner, key: 9);
        using var pair = new BytePair(kind);
        int events = 0;
        bool isOn = true;
        // An arrival over TCP may be late, so there one at a time, and none that must not be an event.
        bool mayBeLate = kind == "tcp";
        if (!mayBeLate && random.Next(2) == 0)
            pair.Write(10);
        var kernel = new KernelAsync(pair.Reader);
        AsyncSignal signal = source.Add(pair.Reader, Interest, key: 1);
        var done = new List<string>();
        Compare("switched on", arrivals: 0);
        for (int step = 0; step < 40; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    int writes = mayBeLate ? (isOn ? 1 : 0) : random.Next(1, 4), written = 0;
                    for (int i = 0; i < writes; i++)
                        written += pair.Write(random.Next(1, 200)) > 0 ? 1 : 0;
                    Compare($"{writes} writes", written);
                    break;
                case 2:
                    pair.Read(random.Next(1, 100));
                    Compare("partial read", 0);
                    break;
                case 3:
                    pair.Drain(new byte[4096]);
                    Compare("drained", 0);
                    break;
                default:
                    // One in three of these: most of the time it is on.
                    isOn = !isOn || random.Next(3) != 0;
                    kernel.Set(isOn);
                    if (isOn)
                        signal.TurnOn();
                    else
                        signal.TurnOff();
                    Compare(isOn ? "on" : "off", 0);
                    break;
            }
        }

        isOn = true;
        kernel.Set(true);
        signal.TurnOn();
        pair.CloseWriter();
        Compare("hung up", 1);
        return events;

        void Compare(string what, int arrivals)
        {
            done.Add(what);
            int expected = isOn ? arrivals : 0;
            int kernels = 0, ours = 0;
            Look();
            if (mayBeLate && expected != 0)
                Watchdog.Until(() => { Look(); return kernels > 0 && ours > 0; }, $"an event: {string.Join(", ", done)}");
            string story = string.Create(CultureInfo.InvariantCulture, $"{kernels} of the kernel, {ours} of ours: {string.Join(", ", done)}");
            Assert.True(kernels > 0 == ours > 0 && expected > 0 == ours > 0, story);
            if (!mayBeLate)
                Assert.True(kernels == expected && ours == Math.Min(1, expected), story);
            events += ours;

            void Look()
            {
                kernels += kernel.Take().Count;
                ours += Ports.Keys(owner).Length;
            }
        }
    }
}
