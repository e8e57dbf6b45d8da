// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.Transports;

namespace Gangway;

/// <summary>Accepts connections under an address, and makes one <see cref="Endpoint"/> for each.</summary>
/// <remarks>
/// <b>Threads:</b> safe. Handshakes have a thread of their own; connections are spread over the listener's reactors.
/// <b>Owns:</b> the name, for as long as it is not disposed and the process lives; the next server takes it over from a dead
/// one.
/// </remarks>
public sealed class Listener : IDisposable, IAsyncDisposable
{
    private readonly Reactor[] _reactors;
    private readonly Acceptor _acceptor;
    private int _isDisposed;

    /// <summary>Starts to listen. When it returns, clients can connect.</summary>
    /// <param name="address">Under which to listen: <c>shm:NAME</c> or <c>shm:/absolute/path</c>.</param>
    /// <param name="handler">Serves all connections.</param>
    /// <param name="options">Whom to admit; null for the defaults.</param>
    /// <exception cref="FormatException">The address does not parse.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="GangwayException">The name is in use, or cannot be served. The message says why.</exception>
    public Listener(string address, EndpointHandler handler, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Address = Address.Parse(address);
        options ??= new ListenerOptions();
        options.Validate();

        uint mode = options.Admit is null ? 0b110_000_000u : 0b110_110_110u;
        ServedName name = LocalDirectory.Serve(Address, mode);
        _reactors = new Reactor[options.Reactor.Threads];
        try
        {
            for (int i = 0; i < _reactors.Length; i++)
                _reactors[i] = new Reactor(_reactors.Length == 1 ? $"gangway {Address}" : $"gangway {Address} {i}");
            _acceptor = new Acceptor(name, _reactors, handler, options);
        }
        catch
        {
            StopReactors();
            name.Dispose();
            throw;
        }
    }

    /// <summary>Under which it listens.</summary>
    public Address Address { get; }

    /// <summary>What was counted so far.</summary>
    public ListenerStatistics Statistics => _acceptor.Statistics;

    /// <summary>The endpoints that are connected now, as a copy.</summary>
    public IReadOnlyCollection<Endpoint> Endpoints => _acceptor.Endpoints;

    /// <summary>What its loops have counted.</summary>
    public ReactorStatistics ReactorStatistics =>
        _reactors.Aggregate(default(ReactorStatistics), (sum, reactor) => sum + reactor.Statistics);

    /// <summary>Stops to listen, ends all connections and gives the name back.</summary>
    /// <remarks>
    /// <b>Blocks:</b> until all handlers have returned; not inside a handler, of whatever endpoint, nor inside
    /// <see cref="ListenerOptions.Admit"/>, where it completes when they have returned.
    /// </remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _acceptor.Dispose();
        Task[] ends = [.. _acceptor.Endpoints.Select(e => e.Destroyed)];
        StopReactors();
        if (!Gangway.Reactor.IsInHandler)
            Task.WaitAll(ends);
    }

    private void StopReactors()
    {
        foreach (Reactor? reactor in _reactors)
            reactor?.Stop(DisconnectReason.ListenerClosed);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
