// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>An idle endpoint that connects again by itself each time its server ends the connection.</summary>
internal sealed class ReconnectingClient : Client
{
    // Longer than ten times ReconnectOptions.FirstDelay: a connection that is shorter counts as a failure, behind which it waits.
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(110);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _connected = new(0);
    private readonly Endpoint _endpoint;

    public ReconnectingClient(string address)
    {
        _endpoint = new Endpoint(
            address, new Handler(_connected), new EndpointOptions { Reconnect = new ReconnectOptions() });
        _endpoint.Open();
        Await();
    }

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples)
    {
        samples.Clear();
        long start = Stopwatch.GetTimestamp();
        do
        {
            Thread.Sleep(s_idle);
            ulong epoch = _endpoint.Epoch;
            long before = Stopwatch.GetTimestamp();
            Check(_endpoint.TrySend(EchoHandler.Leave, []) == Status.Ok);
            Await();
            samples.Add(Stopwatch.GetTimestamp() - before);
            Check(_endpoint.Epoch == epoch + 1);
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        return Measurement.OfCalls(samples, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _endpoint.Dispose();
        _connected.Dispose();
    }

    private void Await() => Check(_connected.Wait(s_most));

    private sealed class Handler(SemaphoreSlim connected) : EndpointHandler
    {
        public override void OnConnect(Endpoint endpoint) => connected.Release();
    }
}
