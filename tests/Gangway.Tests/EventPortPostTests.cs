// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Posted packets: their order, their quota, and nodes that are used again.</summary>
public sealed class EventPortPostTests
{
    public static TheoryData<bool> Backends => Ports.Backends;

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-06")]
    public void Posts_OfOnePriority_ComeInOrder_AlsoFromNodesUsedAgain(bool usesKernel)
    {
        using EventPort port = Ports.Make(usesKernel);
        var random = new Random(Ports.Seed);
        var expected = new Queue<ulong>[16];
        for (int i = 0; i < expected.Length; i++)
            expected[i] = [];
        ulong key = 0;
        for (int step = 0; step < 5000; step++)
        {
            if (random.Next(2) == 0)
            {
                int priority = random.Next(16);
                Assert.True(port.TryPost(++key, status: priority, priority: priority));
                expected[priority].Enqueue(key);
            }
            else if (port.TryWait(out Packet packet))
            {
                // With the starvation bound a lower one may come; inside a priority the order holds always.
                Assert.Equal(packet.Priority, packet.Status);
                Assert.Equal(expected[packet.Priority].Dequeue(), packet.Key);
            }
        }

        Assert.Equal(expected.Sum(queue => queue.Count), Ports.Keys(port).Length);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-13")]
    [Rule("EV-16")]
    public void Posters_OverTheQuota_AreToldAndLoseNothing(bool usesKernel)
    {
        using var port = new EventPort(new EventPortOptions { UsesKernel = usesKernel, PostedMax = 4 });
        int each = TestLevel.Pick(500, 3_000, 100_000);
        int refused = 0, seen = 0;
        long sum = 0;
        Threads.Run(5, number =>
        {
            if (number < 3)
            {
                var space = new Notification();
                for (int i = 1; i <= each; i++)
                {
                    while (!port.TryPost((ulong)number, PacketPayload.Of(i), spaceAvailable: space))
                    {
                        Interlocked.Increment(ref refused);
                        Assert.False(space.Wait(Deadline.After(Watchdog.Bound)).IsEmpty);
                    }
                }

                return;
            }

            var packets = new Packet[2];
            while (Volatile.Read(ref seen) < 3 * each)
            {
                int count = port.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(20)));
                Interlocked.Add(ref seen, count);
                foreach (Packet packet in packets[..count])
                    Interlocked.Add(ref sum, packet.Payload.ReadInt64());
            }
        });
        Assert.Equal((3 * each, 3L * each * (each + 1) / 2), (seen, sum));
        Assert.True(refused > 0, "the quota was never reached");
    }
}
