// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Tests;

/// <summary>Ports of each backend, and one packet at a time out of them.</summary>
internal static class Ports
{
    public static TheoryData<bool> Backends => [false, true];

    /// <summary>The seed of random tests; GANGWAY_SEED chooses another.</summary>
    internal static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GANGWAY_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 20261121;

    internal static BindingOptions Edge { get; } = new() { Mode = TriggerMode.Edge };

    internal static BindingOptions Level { get; } = new() { Mode = TriggerMode.Level };

    internal static EventPort Make(bool usesKernel) => new(new EventPortOptions { UsesKernel = usesKernel });

    /// <summary>A listener whose connections the port's waiters serve.</summary>
    internal static Listener Listen(EventPort port, EndpointHandler handler) => Domain.Listen(
        TestDirectory.NextAddress(), handler, new ListenerOptions { Reactor = new ReactorOptions { Port = port } });

    internal static Packet Next(EventPort port)
    {
        var packets = new Packet[1];
        Assert.Equal(1, port.Wait(packets, Deadline.After(Watchdog.Bound)));
        return packets[0];
    }

    /// <summary>The keys of all that is ready, in order.</summary>
    internal static ulong[] Keys(EventPort port)
    {
        var keys = new List<ulong>();
        while (port.TryWait(out Packet packet))
            keys.Add(packet.Key);
        return [.. keys];
    }

    internal static void AssertQuiet(EventPort port) => Assert.False(port.TryWait(out Packet packet), $"a packet of {packet.Kind} {packet.Key}");
}
