// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>What an idle client costs its server in memory, and how fast clients connect.</summary>
internal static class FanInMemory
{
    /// <summary>Connections before the first that is counted: by then the server's code is compiled and its pools are made.</summary>
    public const int Base = 1000;

    // docs/PROTOCOL.md: two segments a connection, which the kernel charges once although two processes map them.
    private const int SharedBytes = 2 * 28_672;

    /// <summary>Grows <paramref name="fleet"/> to <paramref name="total"/> connections and prints what that took.</summary>
    public static void Answer(Fleet fleet, int total)
    {
        fleet.AskAll("touch");
        double privateBefore = fleet.Server.AskNumber("private");
        double managedBefore = fleet.Server.AskNumber("managed");
        int added = total - fleet.Connections;
        TimeSpan elapsed = fleet.Grow(total);
        fleet.AskAll("touch");
        double privateBytes = (fleet.Server.AskNumber("private") - privateBefore) / added;
        double managedBytes = (fleet.Server.AskNumber("managed") - managedBefore) / added;

        Progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"per idle client: {privateBytes:F0} bytes private to the server (of them {managedBytes:F0} managed objects), {SharedBytes} shared"));
        Figures.Rate("fanin.connects_per_s", added / elapsed.TotalSeconds, "connects");
        Figures.Value("fanin.10000.server_bytes_per_client", privateBytes + SharedBytes, "F0", "bytes");
    }
}
