// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Timers at a port: by a clock that the test drives, and by the system's.</summary>
public sealed class EventTimerTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [Rule("EV-11")]
    [InlineData(false, TriggerMode.OneShot)]
    [InlineData(false, TriggerMode.Edge)]
    [InlineData(false, TriggerMode.Level)]
    [InlineData(false, TriggerMode.Acknowledge)]
    [InlineData(true, TriggerMode.OneShot)]
    [InlineData(true, TriggerMode.Edge)]
    [InlineData(true, TriggerMode.Level)]
    [InlineData(true, TriggerMode.Acknowledge)]
    public void Periods_AreCounted_AndComeAsTheModeSays(bool usesKernel, TriggerMode mode)
    {
        using EventPort port = Ports.Make(usesKernel);
        var time = new ManualTime();
        var timer = new EventTimer(time);
        Binding binding = port.Bind(timer, 1, new BindingOptions { Mode = mode });
        timer.Set(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(5));
        time.Advance(9.999);
        Ports.AssertQuiet(port);
        time.Advance(0.001);
        Packet packet = Ports.Next(port);
        Assert.Equal((1ul, PacketKind.Timer, 1u), (packet.Key, packet.Kind, packet.Count));
        Ports.AssertQuiet(port);
        time.Advance(17);
        if (mode is TriggerMode.OneShot or TriggerMode.Acknowledge)
        {
            Ports.AssertQuiet(port);
            Assert.True(binding.Rearm());
        }

        Assert.Equal(3u, Ports.Next(port).Count);
        Ports.AssertQuiet(port);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Set_Anew_ForgetsTheTimeBefore_AndStopEndsIt(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var time = new ManualTime();
        var timer = new EventTimer(time);
        port.Bind(timer, 1, Ports.Edge);
        timer.Set(TimeSpan.FromMilliseconds(5));
        timer.Set(TimeSpan.FromMilliseconds(50));
        time.Advance(20);
        Ports.AssertQuiet(port);
        time.Advance(30);
        Assert.Equal(1u, Ports.Next(port).Count);
        timer.Set(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
        timer.Stop();
        time.Advance(100);
        Ports.AssertQuiet(port);
        timer.Set(TimeSpan.FromSeconds(-1));
        time.Advance(0);
        Assert.Equal(1u, Ports.Next(port).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => timer.Set(default, TimeSpan.FromTicks(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => timer.Set(TimeSpan.MaxValue));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Timer_SetBeforeItsBind_ComesAfterIt_AndAgainAfterARebind(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel), other = Ports.Make(usesKernel);
        var time = new ManualTime();
        var timer = new EventTimer(time);
        timer.Set(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
        Binding binding = port.Bind(timer, 1, Ports.Edge);
        Assert.Throws<InvalidOperationException>(() => other.Bind(timer, 2));
        Assert.Equal((1, 1, 0), (time.Timers, port.BindingCount, other.BindingCount));
        time.Advance(5);
        Assert.Equal(1ul, Ports.Next(port).Key);
        binding.Dispose();
        Assert.Equal(0, time.Timers);
        time.Advance(12);
        Ports.AssertQuiet(port);
        other.Bind(timer, 2, Ports.Edge);
        time.Advance(0);
        Assert.Equal((2ul, 2u), (Ports.Next(other) is var packet ? packet.Key : 0, packet.Count));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void SystemTimer_SetWhileThePollerSleeps_WakesIt(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var timer = new EventTimer();
        port.Bind(timer, 1, Ports.Edge);
        int taken = 0;
        int rounds = TestLevel.Pick(50, 200, 2000);
        Threads.Run(2, number =>
        {
            if (number == 1)
            {
                while (Volatile.Read(ref taken) < rounds)
                {
                    Ports.Next(port);
                    Interlocked.Increment(ref taken);
                }

                return;
            }

            for (int i = 0; i < rounds; i++)
            {
                timer.Set(i % 2 == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(300));
                Watchdog.Until(() => Volatile.Read(ref taken) > i, "the timer's packet");
            }
        });
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-04")]
    public void Timers_SetForLater_AndUnbound_AreNotKept(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100_000; i++)
        {
            var timer = new EventTimer();
            timer.Set(TimeSpan.FromHours(1));
            port.Bind(timer, 1).Dispose();
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1_000_000);
        Ports.AssertQuiet(port);
        GC.KeepAlive(port);
    }
}
