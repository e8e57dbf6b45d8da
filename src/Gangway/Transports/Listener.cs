// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.Transports;

namespace Gangway;

/// <summary>Accepts connections under an address, and makes one <see cref="Endpoint"/> for each.</summary>
/// <remarks>
/// <b>Threads:</b> safe. Handshakes have a thread of their own; connections are spread over the listener's reactors. One under
/// an <c>inproc:</c> address has neither: who connects, and who sends, does it on a thread of their own.
/// <b>Owns:</b> the name, for as long as it is not disposed and the process lives; the next server takes it over from a dead
/// one.
/// </remarks>
public sealed class Listener : IDisposable, IAsyncDisposable
{
    private readonly Reactor[] _reactors;
    private readonly IAcceptor _acceptor;
    private readonly EventPort? _port;
    private int _isDisposed;

    /// <summary>Starts to listen. When it returns, clients can connect.</summary>
    /// <param name="address">
    /// Under which to listen: <c>shm:NAME</c>, <c>shm:/absolute/path</c>, or <c>inproc:NAME</c> for clients in this process.
    /// </param>
    /// <param name="handler">Serves all connections.</param>
    /// <param name="options">Whom to admit; null for the defaults.</param>
    /// <exception cref="FormatException">The address does not parse.</exception>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or <see cref="ListenerOptions.Admit"/> is set and the address is not a path.
    /// </exception>
    /// <exception cref="GangwayException">
    /// The name is in use, or cannot be served, or its directory is not fit for whom it admits. The message says why.
    /// </exception>
    public Listener(string address, EndpointHandler handler, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Address = Address.Parse(address);
        options ??= new ListenerOptions();
        options.Validate();
        if (Address.IsInProcess)
        {
            // Nobody else can connect, and nothing is read by a loop.
            _reactors = [];
            _acceptor = new InProcessAcceptor(Address, handler, options);
            return;
        }

        bool isForOthers = options.Admit is not null;
        if (isForOthers)
            RequirePath(Address);

        ServedName name = LocalDirectory.Serve(Address, isForOthers);
        _port = options.Reactor.Port;
        _reactors = new Reactor[options.Reactor.Threads];
        try
        {
            if (isForOthers && !options.KeepDumpable)
                Harden(Address);
            for (int i = 0; i < _reactors.Length; i++)
                _reactors[i] = _port?.Loop ?? new Reactor(_reactors.Length == 1 ? $"gangway {Address}" : $"gangway {Address} {i}");
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

    /// <summary>Ends all connections of one process to this listener, and of no other.</summary>
    /// <param name="identity">The process, as <see cref="Endpoint.Peer"/> names it; its
    /// <see cref="PeerIdentity.ProcessKey"/> counts, so a process that has its number later is not meant.</param>
    /// <returns>How many connections it ends; 0 when it has none. Handshakes under way are refused, and do not count.</returns>
    /// <remarks>
    /// Both sides see <see cref="DisconnectReason.Revoked"/>. Calls of that process that are pending end with
    /// <see cref="Status.OutcomeUnknown"/> or <see cref="Status.NotSent"/>; a handler that runs for it runs on, and its
    /// answer goes nowhere. It may connect again: to keep it out, have <see cref="ListenerOptions.Admit"/> say no, which
    /// is not asked about the listener's own user. <b>Blocks:</b> not; the ends come in a moment, on the connections' own
    /// reactor. Source: seL4's revoke of one client's badge.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> is null.</exception>
    public int Revoke(PeerIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return _acceptor.Revoke(identity.ProcessKey);
    }

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
        Task[] ends = [.. _acceptor.Endpoints.Concat(_acceptor.EndingEndpoints).Select(e => e.Destroyed)];
        StopReactors();
        if (Gangway.Reactor.IsInHandler)
            return;
        Gangway.Reactor.BeforeWait();
        Task.WaitAll(ends);
    }

    private void StopReactors()
    {
        // A port's loop may have other connections, and connections inside this process have none.
        if (_port is not null || _reactors.Length == 0)
        {
            _acceptor?.EndLinks(DisconnectReason.ListenerClosed);
            return;
        }

        foreach (Reactor? reactor in _reactors)
            reactor?.Stop(DisconnectReason.ListenerClosed);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static void RequirePath(Address address)
    {
        if (!address.IsPath)
        {
            throw new ArgumentException(
                $"A listener that admits other users needs an address with a path, and '{address}' is a name in this user's own "
                + "directory, which others cannot enter. Give it as 'shm:/path/to/socket', in a directory that others can enter "
                + "and only this user can write.", nameof(address));
        }
    }

    private static void Harden(Address address)
    {
        Errno errno = Dumpable.Clear();
        if (errno != Errno.None)
        {
            throw new GangwayException(ConnectError.System, address.Text,
                $"Cannot listen on '{address}' for other users: PR_SET_DUMPABLE fails with {errno.Describe()}. "
                + "ListenerOptions.KeepDumpable does without.");
        }
    }
}
