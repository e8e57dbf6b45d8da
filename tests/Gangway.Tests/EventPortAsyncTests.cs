// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Tests;

/// <summary>Awaiting packets.</summary>
public sealed class EventPortAsyncTests
{
    public static TheoryData<bool> Backends => [false, true];

    private static readonly BindingOptions s_edge = new() { Mode = TriggerMode.Edge };

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public async Task WaitAsync_OfManyPackets_GetsEachOnce(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        Notification[] sources = [.. Enumerable.Range(0, 50).Select(_ => new Notification())];
        for (int i = 0; i < sources.Length; i++)
            port.Bind(sources[i], (ulong)i, s_edge);
        var signaller = new Thread(() =>
        {
            foreach (Notification source in sources)
            {
                source.Signal(1);
                Thread.Yield();
            }
        });
        signaller.Start();

        var keys = new HashSet<ulong>();
        while (keys.Count < sources.Length)
        {
            Packet packet = await Bounded(port.WaitAsync());
            Assert.True(keys.Add(packet.Key));
        }

        signaller.Join();
        Assert.False(port.TryWait(out _));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public async Task WaitAsync_BesideBlockedWaiters_LosesNothing(bool usesKernel)
    {
        const int Packets = 20_000;
        using EventPort port = Port(usesKernel);
        int received = 0;
        using var stop = new CancellationTokenSource();
        var blocked = new Thread(() =>
        {
            var packets = new Packet[4];
            while (Volatile.Read(ref received) < Packets)
                Interlocked.Add(ref received, port.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(50))));
        });
        blocked.Start();
        Task awaiting = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await port.WaitAsync(stop.Token);
                    Interlocked.Increment(ref received);
                }
            }
            catch (OperationCanceledException)
            {
            }
        });

        for (int i = 0; i < Packets;)
        {
            if (port.TryPost((ulong)i))
                i++;
            else
                Thread.Yield();
        }

        Watchdog.Until(() => Volatile.Read(ref received) == Packets, "every packet");
        Watchdog.Join(blocked);
        stop.Cancel();
        await Watchdog.WaitAsync(awaiting);
        Assert.Equal(Packets, received);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task WaitAsync_ThatIsCancelled_EndsAndLosesNothing(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        for (int i = 0; i < 200; i++)
        {
            using var cancel = new CancellationTokenSource();
            ValueTask<Packet> wait = port.WaitAsync(cancel.Token);
            Task<bool> poster = Task.Run(() => port.TryPost(7));
            cancel.Cancel();
            bool wasServed = true;
            try
            {
                await Bounded(wait);
            }
            catch (OperationCanceledException)
            {
                wasServed = false;
            }

            Assert.True(await poster);
            if (!wasServed)
                Assert.Equal(7ul, (await Bounded(port.WaitAsync())).Key);
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    [Rule("EV-16")]
    public async Task Dispose_WhileSomebodyAwaits_TellsIt(bool usesKernel)
    {
        EventPort port = Port(usesKernel);
        ValueTask<Packet> wait = port.WaitAsync();
        port.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Bounded(wait));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await port.WaitAsync());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task ReadAllAsync_GivesPacketsAsTheyCome(bool usesKernel)
    {
        using EventPort port = Port(usesKernel);
        for (int i = 0; i < 10; i++)
            Assert.True(port.TryPost((ulong)i));
        ulong next = 0;
        await foreach (Packet packet in port.ReadAllAsync())
        {
            Assert.Equal(next++, packet.Key);
            if (next == 10)
                break;
        }
    }

    private static EventPort Port(bool usesKernel) => new(new EventPortOptions { UsesKernel = usesKernel });

    private static async Task<Packet> Bounded(ValueTask<Packet> wait) => await wait.AsTask().WaitAsync(Watchdog.Bound);
}
