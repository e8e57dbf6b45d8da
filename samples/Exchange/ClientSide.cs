// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Samples.Exchange;

/// <summary>
/// One process full of clients. It is spoken to by lines: <c>stop</c> ends the trading, <c>settle</c> compares the accounts,
/// and when its input ends it ends too.
/// </summary>
internal sealed class ClientSide(string address) : IDisposable
{
    private readonly Report _report = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(Trader Trader, Endpoint Endpoint, Task Running)> _clients = [];

    internal static int Run(string address, int clients, int seed)
    {
        using var side = new ClientSide(address);
        var connecting = new Thread(() => side.ConnectAll(clients, seed)) { IsBackground = true };
        connecting.Start();
        using var reporting = new Timer(_ => Console.WriteLine($"now {side._report}"), null, 250, 250);
        while (Console.ReadLine() is string line)
        {
            side._stop.Cancel();
            connecting.Join();
            Console.WriteLine(line == "stop" ? side.StopAsync().Result : side.SettleAsync().Result);
        }

        return 0;
    }

    public void Dispose()
    {
        _clients.ForEach(static client => client.Endpoint.Dispose());
        _stop.Dispose();
    }

    // Those that the exchange refuses try again, behind all others.
    private void ConnectAll(int clients, int seed)
    {
        var outside = new Queue<Trader>(Enumerable.Range(0, clients).Select(i => Make(i, seed + i)));
        for (int attempts = 0; outside.TryDequeue(out Trader? trader); attempts++)
        {
            if (attempts == clients)
                Console.WriteLine("ready");
            if (attempts >= clients && _stop.Token.WaitHandle.WaitOne(200))
                return;
            try
            {
                Start(trader, Domain.Connect(address, trader));
                _report.CountConnected();
            }
            catch (GangwayException e) when (e.Error is ConnectError.Overloaded or ConnectError.TimedOut)
            {
                _report.CountTurnedAway();
                outside.Enqueue(trader);
            }
        }

        Console.WriteLine("ready");
    }

    private Trader Make(int index, int seed) => (index % 20) switch
    {
        3 => new SlowTrader(seed, _report),
        7 when index % 40 == 7 => new RudeTrader(seed, _report),
        _ => new Trader(seed, _report),
    };

    private void Start(Trader trader, Endpoint endpoint) =>
        _clients.Add((trader, endpoint, OnStrand(endpoint, () => trader.RunAsync(endpoint, _stop.Token))));

    private async Task<string> StopAsync()
    {
        await Task.WhenAll(_clients.Select(static client => client.Running));
        return $"stopped {_report}";
    }

    private async Task<string> SettleAsync()
    {
        var complaints = new ConcurrentBag<string?>();
        await Task.WhenAll(_clients.Select(client => OnStrand(
            client.Endpoint, async () => complaints.Add(await client.Trader.SettleAsync(client.Endpoint)))));
        return $"settled {complaints.Count} {string.Join("; ", complaints.OfType<string>())}";
    }

    /// <summary>Runs something asynchronous on an endpoint's strand: what follows its awaits runs there too.</summary>
    private static Task OnStrand(Endpoint endpoint, Func<Task> run)
    {
        var task = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        endpoint.Strand.Post(_ => task.SetResult(run()));
        return task.Task.Unwrap();
    }
}
