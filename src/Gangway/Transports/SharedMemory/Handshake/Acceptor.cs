// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>The thread that accepts clients and leads them through the handshake. A silent client holds nobody.</summary>
internal sealed partial class Acceptor : IAcceptor
{
    // Design:
    //
    // One thread, one epoll, no blocking call but its wait. Each client is a PendingHandshake with a deadline; whatever it
    // sends, or does not, touches its own state only. Nothing is made for a client before its credentials are checked and
    // what it costs is charged (AccountBook), and whatever was made goes with its PendingHandshake. A spare descriptor keeps
    // a full process from spinning on accept.
    //
    // The same thread watches the processes that keep memory of connections that ended, so that no reactor has to.

    private const int EventsPerWait = 64;

    private static readonly ReactorToken s_wake = new(0, 0);
    private static readonly ReactorToken s_accept = new(1, 0);

    private readonly ServedName _name;
    private readonly Address _address;
    private readonly UnixSocket _listening;
    private readonly Reactor[] _reactors;
    private readonly EndpointHandler _handler;
    private readonly ListenerOptions _options;
    private readonly AccountBook _book;
    private readonly Penalties _penalties;
    private readonly HandshakeCounts _counts;
    private readonly Epoll _epoll;
    private readonly EventFd _wakeUp;
    private readonly ReactorTable _table = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ConcurrentDictionary<Endpoint, SharedMemoryLink> _links = new();

    /// <summary>Endpoints whose link has ended, and whose handlers may still run.</summary>
    private readonly ConcurrentDictionary<Endpoint, bool> _ending = new();
    private readonly EpollEvent[] _events = new EpollEvent[EventsPerWait];
    private readonly byte[] _packet = new byte[HandshakePacket.BytesMax];
    private readonly Thread _thread;

    /// <summary>Who changes <see cref="_pending"/>, or makes a link of one of it, holds this; so that a revocation misses none.</summary>
    private readonly Lock _admission = new();
    private readonly List<PendingHandshake> _pending = [];

    private bool _isStopping;
    private int _pendingCount;
    private uint _nextReactor;

    /// <summary>Starts to accept, and owns the name from here on.</summary>
    /// <exception cref="GangwayException">The kernel gives no descriptor or thread; then the name is still the caller's.</exception>
    internal Acceptor(ServedName name, Reactor[] reactors, EndpointHandler handler, ListenerOptions options)
    {
        _name = name;
        _address = name.Address;
        _listening = name.Socket;
        _reactors = reactors;
        _handler = handler;
        _options = options;
        _book = new AccountBook(options, Identity.EffectiveUid());
        _penalties = new Penalties(options.FaultPenalty);
        _counts = new HandshakeCounts(_address);

        // The two fixed entries of the table, so that no client has their tokens.
        _table.Add(s_wake);
        _table.Add(s_accept);
        try
        {
            Require(Epoll.Create(out Epoll? epoll));
            _epoll = epoll!;
            Require(EventFd.Create(out EventFd? wakeUp));
            _wakeUp = wakeUp!;
            Require(EventFd.Create(out _spare));
            Require(_epoll.Add(_wakeUp, EpollEvents.In, s_wake.Value));
            Require(_epoll.Add(_listening, EpollEvents.In, s_accept.Value));

            _thread = new Thread(Run) { Name = $"gangway-accept {_address}", IsBackground = true };
            _thread.UnsafeStart();
        }
        catch
        {
            _epoll?.Dispose();
            _wakeUp?.Dispose();
            _spare?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ListenerStatistics Statistics =>
        _counts.Statistics(_links.Count, Volatile.Read(ref _pendingCount), _book.Charged);

    /// <inheritdoc/>
    public IReadOnlyCollection<Endpoint> Endpoints => [.. _links.Keys.Where(static endpoint => endpoint.State >= EndpointState.Connected)];

    /// <inheritdoc/>
    public IReadOnlyCollection<Endpoint> EndingEndpoints => [.. _ending.Keys];

    /// <summary>Stops to accept, and refuses who is in the middle of it.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isStopping, true);
        WakeUp();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        try
        {
            while (!Volatile.Read(ref _isStopping))
                Turn();

            foreach (PendingHandshake client in _pending.ToArray())
            {
                if (!TryEndConnected(client, DisconnectReason.ListenerClosed))
                    Refuse(client, RejectCode.Closing, "the listener is being disposed");
            }

            foreach (HeldClient client in _held.ToArray())
                RefuseHeld(client, RejectCode.Closing, "the listener is being disposed");
            StopLeaving();
            _name.Dispose();
            _epoll.Dispose();
            _wakeUp.Dispose();
            _spare?.Dispose();
        }
        catch (Exception e)
        {
            Environment.FailFast($"Gangway's acceptor of '{_address}' failed: {e}");
        }
    }

    private void Turn()
    {
        Require(_epoll.Wait(_events, NanosecondsToDeadline(), out int count));
        for (int i = 0; i < count; i++)
        {
            var token = new ReactorToken(_events[i].Data);
            if (token == s_wake)
                RunPosted();
            else if (token == s_accept)
                AcceptSome();
            else if (_table.Find(token) is PendingHandshake client)
                OnSign(client, _events[i].Events);
            else if (_table.Find(token) is HeldClient held)
                LetGo(held);
            else if (_table.Find(token) is LeftConnection left)
                OnLastWord(left);
            else if (_table.Find(token) is MemoryKeeper keeper)
                Forget(keeper.Key);
        }

        RefuseWaiting();
        RefuseLate();
        StartHeld();
        ResumeAccepting();
        WatchAgain();
    }

    private long NanosecondsToDeadline()
    {
        long next = Math.Min(_resumesAt.Nanoseconds, _watchesAt.Nanoseconds);
        if (_pending.Count != 0)
            next = Math.Min(next, _pending[0].Deadline.Nanoseconds);
        foreach (HeldClient client in _held)
            next = Math.Min(next, client.Until);
        foreach (PendingHandshake client in _pending)
            next = Math.Min(next, client.WaitsUntil.Nanoseconds);
        return next == long.MaxValue ? -1 : Math.Max(0, next - Deadline.Now);
    }

    /// <summary>Runs something on the acceptor's thread; never, when it has stopped.</summary>
    private void Post(Action action)
    {
        _posted.Enqueue(action);
        WakeUp();
    }

    private void RunPosted()
    {
        _wakeUp.Drain();
        while (_posted.TryDequeue(out Action? action))
            action();
    }

    private void WakeUp()
    {
        try
        {
            _wakeUp.Signal();
        }
        catch (ObjectDisposedException)
        {
            // Another event woke the thread, and it has ended already.
        }
    }

    private void Require(Errno errno)
    {
        if (errno != Errno.None)
        {
            throw new GangwayException(ConnectError.System, _address.Text,
                $"Cannot listen on '{_address}': {errno.Describe()}. This process may be at its limit of descriptors.");
        }
    }
}
