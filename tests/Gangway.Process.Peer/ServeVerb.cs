// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>serve ADDRESS [--admit UID]... [--connections N] [--bytes N] [--fault-penalty MS] [--permit UID]</c>, connections and bytes per
/// user, UID the one that may ask for <see cref="PeerOperation.Own"/>: serves <see cref="PeerOperation"/>, prints <c>ready</c>,
/// and then answers each line of its standard input with one line. Ends with its input.
/// </summary>
internal static class ServeVerb
{
    public static int Run(string[] arguments)
    {
        string address = arguments[0];
        var admitted = new List<long>();
        using var held = new HeldLog();
        long ownUser = -1;
        var options = new ListenerOptions { FaultPenalty = TimeSpan.Zero }; // Or an attack in a hundred parts takes minutes.
        for (int i = 1; i + 1 < arguments.Length; i += 2)
        {
            long value = long.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
            switch (arguments[i])
            {
                case "--admit":
                    admitted.Add(value);
                    break;
                case "--connections":
                    options = options with { MaxConnectionsPerUser = (int)value };
                    break;
                case "--fault-penalty":
                    options = options with { FaultPenalty = TimeSpan.FromMilliseconds(value) };
                    break;
                case "--permit":
                    ownUser = value;
                    break;
                case "--bytes":
                    options = options with { MaxBytesPerUser = value };
                    break;
            }
        }

        if (admitted.Count != 0)
            options = options with { Admit = peer => admitted.Contains(peer.UserId) };

        var handler = new PeerHandler { OwnUser = ownUser };
        if (ownUser >= 0)
            options = options with { Permit = handler.IsPermitted };
        using Listener listener = Domain.Listen(address, handler, options);
        Console.WriteLine("ready");
        while (Console.ReadLine() is string line && line != "quit")
        {
            Console.WriteLine(line == "held" ? held.Line : Answer(line, listener, handler));
        }

        return 0;
    }

    private static string Answer(string line, Listener listener, PeerHandler handler)
    {
        ListenerStatistics statistics = listener.Statistics;
        switch (line)
        {
            case "stats":
                return string.Create(CultureInfo.InvariantCulture,
                    $"stats {statistics.Accepted} {statistics.Connected} {statistics.Handshaking} {statistics.Refused} {statistics.Abandoned} {statistics.PeerFaults}");
            case "charged":
                ListenerCharges charged = statistics.Charged;
                return string.Create(CultureInfo.InvariantCulture,
                    $"charged {charged.Connections} {charged.Bytes} {charged.KeptBytes} {charged.Mappings} {charged.Descriptors} {charged.Transactions}");
            case "refusal":
                return "refusal " + OneLine(statistics.LastRefusal);
            case "fault":
                return "fault " + OneLine(statistics.LastPeerFault);
            case "peers": // Who the kernel says is connected, as the handlers were told.
                return "peers " + string.Join(' ', handler.Peers.Select(static peer =>
                    string.Create(CultureInfo.InvariantCulture, $"{peer.UserId}:{peer.GroupId}:{peer.ProcessId}:{peer.ProcessKey}")));
            case "handled":
                return string.Create(CultureInfo.InvariantCulture, $"handled {handler.Handled.Messages} {handler.Handled.Requests} {handler.NotPermitted}");
            case "ended":
                return string.Create(CultureInfo.InvariantCulture, $"ended {handler.Ended.Messages} {handler.Ended.Requests}");
            case "lanes":
                return "lanes " + string.Join(' ', handler.Lanes.Select(static count => count.ToString(CultureInfo.InvariantCulture)));
            case "fds":
                return string.Create(CultureInfo.InvariantCulture, $"fds {new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count()}");
            case "maps":
                return string.Create(CultureInfo.InvariantCulture, $"maps {File.ReadLines("/proc/self/maps").Count(static map => map.Contains("/memfd:gangway", StringComparison.Ordinal))}");
            case "collect": // So that what only a finalizer would free is freed, and what is left is a leak.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect();
                return "collected";
            default:
                return "unknown " + line;
        }
    }

    private static string OneLine(string? text) => (text ?? "none").ReplaceLineEndings(" ");
}
