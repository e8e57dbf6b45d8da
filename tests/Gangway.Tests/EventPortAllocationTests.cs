// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Signal, post and wait allocate nothing, once warm.</summary>
[Rule("EV-22")]
public sealed class EventPortAllocationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SignalPostAndWait_OnceWarm_AllocateNothing(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        Notification there = new(), back = new();
        port.Bind(there, 1, Ports.Edge);
        bool isOver = false;
        var waiter = new Thread(() =>
        {
            var packets = new Packet[8];
            int owed = 0;
            while (!Volatile.Read(ref isOver))
            {
                owed += port.Wait(packets);
                for (; owed >= 2; owed -= 2)
                    back.Signal();
            }
        });
        waiter.Start();
        int count = TestLevel.Pick(2_000, 10_000, 500_000);
        Watchdog.Run(() => Do(count / 4));
        double least = double.MaxValue;
        long callerLeast = long.MaxValue;
        for (int round = 0; round < 8 && (least > 0.01 || callerLeast > 0); round++)
        {
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            (long caller, long process) = Watchdog.Run(() =>
            {
                Do(1);
                long processBefore = GC.GetTotalAllocatedBytes(precise: true);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Do(count);
                return (GC.GetAllocatedBytesForCurrentThread() - before, GC.GetTotalAllocatedBytes(precise: true) - processBefore);
            });
            output.WriteLine($"{count} rounds: caller {caller} bytes, process {process}");
            callerLeast = Math.Min(callerLeast, caller);
            least = Math.Min(least, HostNoise.Without(process, count, started));
        }

        Volatile.Write(ref isOver, true);
        there.Signal();
        Watchdog.Join(waiter);

        // Each round has a thread of its own, and a lock that is contended gives its thread an object to wait on, once.
        Assert.InRange(callerLeast, 0, 64);
        Assert.True(least < 0.2, $"{least:0.000} bytes each");

        void Do(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                there.Signal(1);
                port.TryPost(2, PacketPayload.Of(i));
                back.Wait();
            }
        }
    }
}
