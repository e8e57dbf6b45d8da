// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>
/// Keeps every message, and with it the exchange's credit, until there is no credit left; reads them all much later. The
/// exchange does not wait for it: ticks are left out, and fills wait in its account.
/// </summary>
internal sealed class SlowTrader(int seed, Report report) : Trader(seed, report)
{
    private const int Credits = 64;
    private readonly Queue<Message> _kept = new();

    public override void OnMessage(Endpoint endpoint, Message message)
    {
        message.Keep();
        _kept.Enqueue(message);
    }

    internal override async Task RunAsync(Endpoint endpoint, CancellationToken stop)
    {
        endpoint.TrySend(Operations.Subscribe, []);
        while (!stop.IsCancellationRequested && endpoint.State == EndpointState.Connected)
        {
            await Task.Delay(Random.Next(100, 500), CancellationToken.None);
            await PlaceAsync(endpoint);
            if (_kept.Count < Credits)
                continue;
            await Task.Delay(1000, CancellationToken.None);
            ReadKept();
        }
    }

    internal override async Task<string?> SettleAsync(Endpoint endpoint)
    {
        using var reading = new CancellationTokenSource();
        Task reader = ReadAllAsync(reading.Token);
        string? complaint = await base.SettleAsync(endpoint);
        await reading.CancelAsync();
        await reader;
        return complaint;
    }

    private async Task ReadAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            ReadKept();
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private void ReadKept()
    {
        while (_kept.TryDequeue(out Message message))
        {
            Read(message);
            message.Complete();
        }
    }
}
