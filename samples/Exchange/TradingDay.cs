// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Samples.Exchange;

/// <summary>The whole run: opens the exchange, lets the clients in, does some of them harm, closes, and compares the accounts.</summary>
internal sealed class TradingDay(Settings settings, ExchangeService service, string folder)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly List<ClientProcess> _clients = [];
    private HostileProgram? _hostile;

    /// <summary>Whether all sums agree.</summary>
    internal bool Run()
    {
        string path = $"{folder}/exchange";
        _hostile = HostileProgram.Build(folder);
        using Listener listener = Domain.Listen($"shm:{path}", service, new ListenerOptions
        {
            Strand = service.Strand,
            MaxConnections = settings.MaxConnections,
        });
        try
        {
            using var ticks = new Timer(_ => service.PublishPrice(), null, settings.TickInterval, settings.TickInterval);
            return Trade(listener, path);
        }
        finally
        {
            _hostile?.Dispose();
            _clients.ForEach(static process => process.Dispose());
        }
    }

    private bool Trade(Listener listener, string path)
    {
        _hostile?.Start(path);
        ClientProcess killed = Start($"shm:{path}", settings.Unlucky);
        ClientProcess stopped = Start($"shm:{path}", settings.Unlucky);
        foreach (int clients in settings.Lucky)
            Start($"shm:{path}", clients);
        _clients.ForEach(static process => process.Await("ready"));

        long start = Stopwatch.GetTimestamp(), placed = service.Placed;
        Show(listener, start, placed, part: 0.25);
        stopped.Signal("STOP");
        Show(listener, start, placed, part: 0.5);
        killed.Kill();
        _clients.Remove(killed);
        Show(listener, start, placed, part: 0.75);
        stopped.Signal("CONT");
        Show(listener, start, placed, part: 1);
        double rate = (service.Placed - placed) / Stopwatch.GetElapsedTime(start).TotalSeconds;

        _hostile?.Dispose();
        _clients.ForEach(static process => process.WriteLine("stop"));
        var report = new Report();
        _clients.ForEach(process => report.Add(process.Await("stopped")));
        _clients.ForEach(static process => process.WriteLine("settle"));
        string[] verdicts = [.. _clients.Select(static process => process.Await("settled"))];

        var summary = new Summary(settings, report, rate, _hostile?.Attacks);
        summary.AddAccounts(service.SettleAsync().Result, verdicts, listener.Statistics);

        // And when all have gone, nothing of theirs is left.
        _clients.ForEach(static process => process.End());
        killed.Dispose();
        long gone = Stopwatch.GetTimestamp();
        while (listener.Statistics.Charged != default && Stopwatch.GetElapsedTime(gone) < s_patience)
            Thread.Sleep(10);
        summary.AddAfterTheEnd(service.SettleAsync().Result.All, listener.Statistics);
        summary.Print();
        return summary.Agrees;
    }

    private ClientProcess Start(string address, int clients)
    {
        var process = new ClientProcess(address, clients, settings.Seed + 100_000 * _clients.Count);
        _clients.Add(process);
        return process;
    }

    private void Show(Listener listener, long start, long placed, double part)
    {
        Screen.While(
            () =>
            {
                var report = new Report();
                _clients.ForEach(process => report.Add(process.Report));
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                ListenerStatistics statistics = listener.Statistics;
                return $"{seconds:F1} s {(service.Placed - placed) / seconds:N0} orders/s, p50 {report.Latencies.Percentile(0.5):N0} p99 "
                    + $"{report.Latencies.Percentile(0.99):N0} us, {statistics.Connected} in, {statistics.Refused} kept out, "
                    + $"{report.Refused} refused, {statistics.PeerFaults} faults";
            },
            () => Stopwatch.GetElapsedTime(start).TotalSeconds >= settings.Seconds * part);
    }
}
