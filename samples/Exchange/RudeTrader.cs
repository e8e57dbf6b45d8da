// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>Sends whatever the library lets it send: random operations, lengths and bytes, and never reads an answer.</summary>
internal sealed class RudeTrader(int seed, Report report) : Trader(seed, report)
{
    internal override async Task RunAsync(Endpoint endpoint, CancellationToken stop)
    {
        byte[] request = new byte[Endpoint.PayloadBytesMax];
        byte[] reply = new byte[Transaction.ReplyBytesMax];
        while (!stop.IsCancellationRequested && endpoint.State == EndpointState.Connected)
        {
            Random.NextBytes(request);
            Memory<byte> payload = request.AsMemory(0, Random.Next(4) == 0 ? OrderRequest.WireBytes : Random.Next(request.Length));
            uint operation = (uint)Random.Next(Random.Next(2) == 0 ? 6 : int.MaxValue);
            await Task.Delay(Random.Next(200), CancellationToken.None);
            endpoint.TrySend(operation, payload.Span);
            await endpoint.CallAsync(operation, payload.Span, reply, Deadline.After(Patience), stop);
        }
    }

    /// <summary>It kept no accounts, so it cannot say that somebody else's are wrong.</summary>
    internal override Task<string?> SettleAsync(Endpoint endpoint) => Task.FromResult<string?>(null);
}
