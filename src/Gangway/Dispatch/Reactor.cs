// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway;

/// <summary>The loop that polls hot connections, waits for cold ones, and runs handlers.</summary>
/// <remarks>
/// <b>Threads:</b> one at a time: the one that has the loop (<see cref="LoopWord{TMemory}"/>). <see cref="Post"/>,
/// <see cref="Attend"/>, <see cref="Complete"/> and <see cref="Stop"/> may be called from any.
/// <b>Cost:</b> a turn looks at one or two lines of each hot connection, until it has taken 64 records; epoll is looked at every 50 us; asleep it uses
/// nothing.
/// </remarks>
internal sealed partial class Reactor
{
    // Design:
    //
    // A connection is hot or parked. Hot: polled each turn without a system call. A hot one that found nothing for as
    // long as a wake-up costs is parked: it announces sleep, looks once more, and leaves the hot list; its next sign of
    // life is a byte on its socket. So sleeping costs O(hot), and the cold are found while the hot are busy.
    //
    // Everything that ends a source happens between polls, on this thread: a source that finds its peer lying only says
    // so (EndReason), and whoever disposes one posts.
    //
    // Handlers run in the middle of a turn, and each may cost this thread the loop (Reactor.Handlers.cs). So before one
    // starts everything of the loop is as the next thread may find it, and after it nothing is touched without asking.
    //
    // Who asks for something queues it, sets _hasRequests, and signals the descriptor if the loop sleeps; the loop marks
    // itself asleep, fences, and looks at _hasRequests once more. So at least one of the two sees the other.
    //
    // INVARIANT: a source is in _hot if and only if its IsHot is set.

    private const int PollBudget = 16;

    /// <summary>A turn ends when it has done so much; the next one goes on with the next connection.</summary>
    private const int RecordsPerTurn = 64;
    private const int EmptyTurnsPerReading = 64;
    private const int TurnsPerClock = 8; // Like the other, a power of two.
    private const long LookIntervalNs = 50_000;
    private const long BellRetryNs = 1_000_000;
    private const int EventsPerLook = 64;

    private static readonly Lock s_clientsLock = new();
    private static Reactor? s_clients;

    private readonly Epoll _epoll;
    private readonly EventFd _wakeUp;
    private readonly EpollEvent[] _events = new EpollEvent[EventsPerLook];
    private readonly ReactorTable _table = new();
    private readonly Dictionary<ulong, WatchedProcess> _processes = [];
    private readonly List<ReactorSource> _hot = [];
    private List<ReactorSource> _owedBells = [];
    private List<ReactorSource> _paidBells = [];
    private ReactorSource? _polled;
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ConcurrentQueue<ReactorSource> _attention = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isStopping;
    private bool _hasStopped;
    private bool _isAwake = true;
    private int _hasRequests;
    private long _turns;
    private int _emptyTurns;

    /// <summary>How many hot connections are left for the next turn; 0 for all.</summary>
    private int _hotLeft;

    /// <summary>Whether, when last looked at, a peer ran on our processor: then polling keeps it from writing.</summary>
    private bool _sharesCpu;

    private long _lastLook;

    /// <summary>Makes a reactor.</summary>
    /// <param name="name">The name of whatever thread runs it.</param>
    /// <param name="port">The port whose waiters run it; null when it has a thread of its own, which starts now.</param>
    internal Reactor(string name, EventPort? port = null)
    {
        Name = name;
        _port = port;
        Require(Epoll.Create(out Epoll? epoll), "epoll_create1");
        _epoll = epoll!;
        Errno errno = EventFd.Create(out EventFd? wakeUp);
        if (errno == Errno.None)
            errno = _epoll.Add(wakeUp!, EpollEvents.In, default(ReactorToken).Value);
        if (errno != Errno.None)
        {
            wakeUp?.Dispose();
            _epoll.Dispose();
        }

        Require(errno, "eventfd");
        _wakeUp = wakeUp!;

        TakeoverMonitor.Add(this);
        if (port is null)
        {
            StandbyThreads.StartLoop(this);
        }
        else
        {
            _home = new LoopHome<ProcessMemory>();
            StandbyThreads.NoteLoop();
        }
    }

    /// <summary>What the thread that runs it is called.</summary>
    internal string Name { get; }

    /// <summary>Whether it is not asleep in epoll.</summary>
    internal bool IsAwake => Volatile.Read(ref _isAwake);

    /// <summary>When somebody's time is up.</summary>
    internal TimerWheel Timers { get; } = new(Deadline.Now);

    /// <summary>The reactor of all connecting endpoints of this process.</summary>
    /// <exception cref="GangwayException">It cannot start; the next one who asks tries again.</exception>
    internal static Reactor Clients
    {
        get
        {
            lock (s_clientsLock)
                return s_clients ??= new Reactor("gangway-clients");
        }
    }

    /// <summary>The same, if it was ever needed.</summary>
    internal static Reactor? ClientsIfAny => Volatile.Read(ref s_clients);

    /// <summary>Runs something on the reactor's thread, between two polls.</summary>
    internal void Post(Action action)
    {
        _posted.Enqueue(action);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _hasStopped))
            RunLeft();
        else
            WakeUp();
    }

    /// <summary>Has a source's <see cref="ReactorSource.Attend"/> run on the reactor's thread soon.</summary>
    internal void Attend(ReactorSource source)
    {
        // Once, however often it is asked for before it is given.
        if (Interlocked.Exchange(ref source.AttentionAsked, 1) == 0)
            _attention.Enqueue(source);
        WakeUp();
    }

    /// <summary>Has a completion run on the reactor's thread soon; on the caller's if the reactor has stopped.</summary>
    internal void Complete(ICompletion completion)
    {
        _completions.Enqueue(completion);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _hasStopped))
            RunLeft();
        else
            WakeUp();
    }

    /// <summary>Has a node's time watched.</summary>
    internal void Watch(TimerNode node, Deadline deadline) => WatchUntil(node, deadline.Nanoseconds);

    /// <inheritdoc cref="Watch(TimerNode, Deadline)"/>
    internal void WatchUntil(TimerNode node, long deadlineNs)
    {
        if (Timers.Request(node, deadlineNs))
            WakeUp();
    }

    /// <summary>Starts polling a source and watching its peer.</summary>
    internal void Add(ReactorSource source) => Post(() => AddNow(source));

    /// <summary>Ends a source, if it has not ended. Returns at once; <see cref="ReactorSource.End"/> runs on the reactor.</summary>
    internal void End(ReactorSource source, DisconnectReason reason) => Post(() => EndInTurn(source, reason));

    /// <summary>Ends all sources, then the loop. Returns when it is done, or at once inside a handler.</summary>
    internal void Stop(DisconnectReason reason)
    {
        // For good: a loop that stops does not come home.
        BeginNeed();
        Post(() => StopNow(reason));
        if (IsInHandler)
            return;
        BeforeWait();
        _stopped.Task.Wait();
    }

    /// <summary>Runs the loop on this thread, until the reactor stops or the loop is another thread's.</summary>
    internal void RunLoop()
    {
        ThreadRole role = ThreadRole.Current;
        ThreadRole? before = _role;
        role.Loop = this;
        _role = role;
        Volatile.Write(ref _loopThreadId, Scheduler.ThreadId());
        _loop.Begin();

        // The thread before us may have left in the middle of what was asked, and of a poll.
        _hasRequests = 1;
        MarkAwake();
        _polled?.OnLoopTaken(before!.Kept.Slots);
        Speeds.OnLoopTaken();
        try
        {
            while (!_isStopping)
            {
                if (!TryTurn(maySleep: true) || TryGoHome())
                    return;
            }

            role.Loop = null;
            StopLoop();
        }
        catch (Exception e)
        {
            // Handlers are contained where they are called; what arrives here is an error of this library.
            Environment.FailFast($"Gangway's reactor '{Name}' failed: {e}");
        }
    }

    private void StopLoop()
    {
        TakeoverMonitor.Remove(this);
        StandbyThreads.EndLoop();
        ReleaseStandby();
        _spare = null;
        _epoll.Dispose();
        _wakeUp.Dispose();
        Volatile.Write(ref _hasStopped, true);
        Interlocked.MemoryBarrier();
        RunLeft();
        _stopped.SetResult();
    }

    /// <summary>One turn.</summary>
    /// <returns>False when a handler cost this thread the loop: it touches nothing of it any more.</returns>
    private bool TryTurn(bool maySleep)
    {
        if (Volatile.Read(ref _hasRequests) != 0)
        {
            Volatile.Write(ref _hasRequests, 0);
            Interlocked.MemoryBarrier();
            RunPosted();

            // It may have been a timer, and who sleeps for this loop looks only at its own clock.
            if (_home is not null)
                Timers.Advance(Deadline.Now);
            if (!TryRunCompletions())
                return false;
            if (_isStopping)
                return true;
        }

        if (_ends.Count != 0)
            RunEnds(EndsPerTurn);
        if (_hot.Count == 0)
        {
            if (maySleep && _home is not { MustReturn: true })
                Sleep();
            return true;
        }

        int done = PollHot();
        if (done < 0)
            return false;
        _turns++;

        // A busy turn may be long and an empty one is short: by both the clock is read often enough, and seldom.
        int turnsPerClock = done >= RecordsPerTurn ? 1 : done != 0 ? TurnsPerClock : EmptyTurnsPerReading;
        if ((_turns & (turnsPerClock - 1)) == 0 && Deadline.Now - _lastLook > LookIntervalNs)
            Look(0);

        if (done != 0)
            _emptyTurns = 0;
        else if (++_emptyTurns >= EmptyTurnsPerReading || _sharesCpu)
        {
            _emptyTurns = 0;
            Idle();
        }

        return true;
    }

    private int PollHot()
    {
        int done = 0;
        int next = Math.Min(_hotLeft, _hot.Count) - 1;
        for (int i = next < 0 ? _hot.Count - 1 : next; i >= 0 && done < RecordsPerTurn; i--)
        {
            // Now, because a handler may cost this thread the loop.
            _hotLeft = i;
            ReactorSource source = _hot[i];
            _polled = source;
            int polled = source.Poll(PollBudget);
            if (polled < 0)
                return polled;
            _linesRead += source.LinesPerPoll;
            if (polled != 0)
                source.IdleSince = 0;
            if (source.EndReason != DisconnectReason.None)
                EndNow(source, source.EndReason);
            done += polled;
        }

        return done;
    }

    /// <summary>Nothing came for a while: parks who waited long enough, gives way, looks at the cold.</summary>
    private void Idle()
    {
        long now = Deadline.Now;
        int cpu = Scheduler.CurrentCpu();
        bool? mayYield = null;
        bool mustYield = false;
        _sharesCpu = false;
        for (int i = _hot.Count - 1; i >= 0; i--)
        {
            ReactorSource source = _hot[i];
            source.PublishCpu(cpu);
            bool isNewWait = source.IdleSince == 0;
            if (isNewWait)
                source.IdleSince = now;

            bool sharesCpu = source.PeerCpu == cpu;
            _sharesCpu |= sharesCpu;
            if (sharesCpu && isNewWait && this == ClientsIfAny)
                Separation.NoteSharedWait(cpu, now);
            bool pays = source.MayPoll
                && (sharesCpu ? mayYield ??= YieldGuard.BeginWait() : source.Waits.PollingPays);
            if (!pays || now - source.IdleSince >= WakeCost.Nanoseconds)
                Park(source, i, now);
            else
                mustYield |= sharesCpu;
        }

        if (now - _lastLook > LookIntervalNs && _hot.Count != 0)
            Look(0);

        // The peer can only write when we leave this processor. Slow yields ban the next ones, and then we park.
        if (mustYield)
            YieldGuard.TryYield(ref now);
    }

    private void Park(ReactorSource source, int index, long now)
    {
        if (!source.TryPark())
        {
            source.IdleSince = 0;
            return;
        }

        _parks++;
        source.ParkedAt = now;
        source.IsHot = false;
        _hot[index] = _hot[^1];
        _hot.RemoveAt(_hot.Count - 1);
    }

    private void Heat(ReactorSource source)
    {
        source.IdleSince = 0;
        if (source.IsHot)
            return;
        source.IsHot = true;
        _hot.Add(source);
    }

    /// <summary>Asks the loop to look at what was queued.</summary>
    private void WakeUp()
    {
        Volatile.Write(ref _hasRequests, 1);
        Interlocked.MemoryBarrier();
        if (IsAwake)
            return;
        try
        {
            _wakeUp.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The reactor has stopped, and has ended all its sources: there is nobody left to attend to.
        }
    }

    private static void Require(Errno errno, string call)
    {
        if (errno != Errno.None)
            throw new GangwayException(ConnectError.System, "", $"A reactor cannot start: {call} failed with {errno.Describe()}.");
    }
}
