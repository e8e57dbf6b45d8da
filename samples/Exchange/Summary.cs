// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Samples.Exchange;

/// <summary>The sums in the end, and whether they agree.</summary>
internal sealed class Summary(Settings settings, Report report, double ordersPerSecond, int? attacks)
{
    private readonly List<string> _lines = [];

    internal bool Agrees { get; private set; } = true;

    /// <summary>While the clients are still connected.</summary>
    internal void AddAccounts(
        (Settlement All, long Bought, long Sold) exchange, string[] verdicts, ListenerStatistics statistics)
    {
        string[][] parts = [.. verdicts.Select(static verdict => verdict.Split(' ', 2))];
        long told = parts.Sum(static part => long.Parse(part[0], CultureInfo.InvariantCulture));
        string[] complaints = [.. parts.Where(static part => part is [_, not ""]).Select(static part => part[1])];
        Add($"clients          {settings.Clients:N0}, at most {settings.MaxConnections:N0} at once: {statistics.Accepted:N0} let in, "
            + $"{statistics.Refused:N0} turned away, {report.Unknown:N0} orders without an answer in time", isGood: true);
        Add($"hostile          {(attacks is { } count ? $"{count} attacks" : "none: no gcc")}, "
            + $"{statistics.PeerFaults:N0} connections ended for breaking the protocol", isGood: true);
        Add($"rate             {ordersPerSecond:N0} orders a second; an answer takes p50 {report.Latencies.Percentile(0.5):N0} us, "
            + $"p99 {report.Latencies.Percentile(0.99):N0} us", isGood: true);
        Add($"orders           {exchange.All}", exchange.All.Agrees && exchange.All.Placed > 0);
        Add($"traded           {exchange.Bought:N0} bought = {exchange.Sold:N0} sold", exchange.Bought == exchange.Sold);
        Add($"told the truth   {told:N0} clients", told > 0 && complaints.Length == 0);
        foreach (string complaint in complaints)
            Add($"                 {complaint}", isGood: false);
    }

    /// <summary>When all clients have gone.</summary>
    internal void AddAfterTheEnd(Settlement all, ListenerStatistics statistics) => Add(
        $"after the end    {statistics.Connected} connections, {statistics.Charged.Bytes} bytes charged; {all}",
        all.Agrees && all.Open == 0 && statistics is { Connected: 0, Handshaking: 0 } && statistics.Charged == default);

    internal void Print()
    {
        _lines.ForEach(Console.WriteLine);
        Console.WriteLine(Agrees ? "all sums agree" : "THE SUMS DO NOT AGREE");
    }

    private void Add(string line, bool isGood)
    {
        Agrees &= isGood;
        _lines.Add(isGood ? line : $"{line}   <-- wrong");
    }
}
