// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net.Sockets;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>journal ADDRESS FILE WITNESS</c>: serves <see cref="JournalHandler"/>, prints <c>ready</c>, and answers each line of
/// its standard input with one line. Holds a connection to the socket WITNESS, whose hang-up tells when the kernel took
/// its descriptors back.
/// </summary>
internal static class JournalVerb
{
    public static int Run(string address, string file, string witness)
    {
        using var journal = new Journal(file);
        using Socket held = WitnessConnection.Open(witness);
        var handler = new JournalHandler(journal);
        using Listener listener = Domain.Listen(address, handler);
        Console.WriteLine("ready");
        while (Console.ReadLine() is string line && line != "quit")
        {
            Console.WriteLine(Answer(line, listener, handler));
        }

        return 0;
    }

    private static string Answer(string line, Listener listener, JournalHandler handler)
    {
        switch (line)
        {
            case "counters": // Over all connections so far: rings, wakes, parks.
                EndpointStatistics[] all =
                    [.. listener.Endpoints.Concat(handler.Ended.Select(static ended => ended.Endpoint)).Distinct().Select(static e => e.Statistics)];
                return string.Create(CultureInfo.InvariantCulture,
                    $"counters {all.Sum(static s => s.Rings)} {all.Sum(static s => s.Wakes)} {all.Sum(static s => s.Parks)}");
            case "connected": // Those that have ended count until their last handler, OnDisconnect, is over.
                return string.Create(CultureInfo.InvariantCulture, $"connected {Math.Max(listener.Statistics.Connected, handler.Connected)}");
            case "dispose":
                listener.Dispose();
                return "disposed";
            case "collect":
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return "collected";
            default:
                return "unknown " + line;
        }
    }
}
