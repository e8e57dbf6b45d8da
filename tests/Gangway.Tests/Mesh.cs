// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Services that call each other: each a listener with one strand, and one client endpoint to it for everybody.</summary>
internal sealed class Mesh : IDisposable
{
    /// <summary>So many handlers of a test may block at once: the pool, where they do, would add a thread a second.</summary>
    private const int Blocking = 32;

    private readonly (int Workers, int Ports) _minThreads;
    private readonly Listener[] _listeners;
    private readonly Endpoint[] _clients;

    /// <param name="transport">How they are reached.</param>
    /// <param name="count">How many services.</param>
    /// <param name="serve">What service number i does with a request. The mesh is complete when the first one comes.</param>
    /// <param name="strandsOf">The strand of each service; null for one each.</param>
    /// <param name="options">Further options.</param>
    /// <param name="where">Where the handler of an operation runs; inline unless it says otherwise.</param>
    internal Mesh(
        Transport transport, int count, Func<Mesh, int, Transaction, ValueTask> serve, Func<int, Strand>? strandsOf = null, ListenerOptions? options = null,
        Func<uint, Dispatch>? where = null)
    {
        ThreadPool.GetMinThreads(out _minThreads.Workers, out _minThreads.Ports);
        ThreadPool.SetMinThreads(Math.Max(_minThreads.Workers, Blocking), _minThreads.Ports);
        options ??= new ListenerOptions();
        string[] addresses = [.. Enumerable.Range(0, count).Select(_ => transport.NextAddress())];
        _listeners = [.. addresses.Select((address, i) => new Listener(
            address,
            new AwaitingHandler { Transaction = (_, transaction) => serve(this, i, transaction), Where = where },
            options with { Strand = strandsOf?.Invoke(i) ?? new Strand() }))];
        _clients = [.. addresses.Select(address => Domain.Connect(address))];
    }

    internal int Count => _clients.Length;

    /// <summary>The client endpoint of a service.</summary>
    internal Endpoint this[int service] => _clients[service];

    internal Listener ListenerOf(int service) => _listeners[service];

    /// <summary>Calls a service from outside, without a deadline unless one is given.</summary>
    internal (Status Status, byte[] Reply) Ask(int service, uint operation, byte[] request, Deadline deadline = default)
    {
        byte[] reply = new byte[Transaction.ReplyBytesMax];
        CallResult result = Watchdog.Run(() => _clients[service].Call(operation, request, reply, deadline));
        return (result.Status, reply[..result.Length]);
    }

    /// <summary>Calls, one way or the other, as the handler that runs now.</summary>
    internal async ValueTask<CallResult> CallAsync(
        int service, uint operation, byte[] request, byte[] reply, bool mayBlock, Deadline deadline = default) =>
        mayBlock
            ? _clients[service].Call(operation, request, reply, deadline)
            : await _clients[service].CallAsync(operation, request, reply, deadline);

    public void Dispose() => Watchdog.Run(() =>
    {
        foreach (Endpoint client in _clients)
            client.Dispose();
        foreach (Listener listener in _listeners)
            listener.Dispose();
        ThreadPool.SetMinThreads(_minThreads.Workers, _minThreads.Ports);
    });
}
