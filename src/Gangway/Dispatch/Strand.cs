// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>A serialization domain: what runs on it never overlaps, though it may change threads.</summary>
/// <remarks>
/// <para>Each endpoint has a strand of its own, or one that it shares with others
/// (<see cref="ListenerOptions.Strand"/>, <see cref="EndpointOptions.Strand"/>). A handler holds its strand until its
/// <see cref="ValueTask"/> completes, also while it awaits; what it awaits comes back to the strand by
/// <see cref="SynchronizationContext"/>. So a handler never finds that another ran in the middle of it.</para>
/// <para>Work that a handler leaves running when it completes, and that captured the strand's context, still never overlaps
/// with handlers, but may run in the middle of a later one that awaits: use <c>ConfigureAwait(false)</c> there.</para>
/// <para><b>Threads:</b> safe. <b>Allocates:</b> nothing for handlers and their continuations, one object a
/// <see cref="Post"/>. Source: Asio's strand, Fuchsia's synchronized dispatcher.</para>
/// </remarks>
public sealed partial class Strand : IDisposable
{
    // Design:
    //
    // The turn is a baton: who holds it runs pieces of code, one after the other. Who finds it held puts his work first,
    // then marks the turn wanted, and goes. Two queues: continuations of the handler that is suspended in an await, and
    // everything else, which waits while one is suspended. _isSuspended belongs to the turn.
    // Proof: docs/memory-ordering/strand.md, verify/strand.pml.
    //
    // INVARIANT: pieces run in the turn only; while _isSuspended only continuations do.

    private const int PiecesPerRun = 64;

    private readonly Baton<ProcessMemory> _turn = new();
    private WorkQueue _continuations;
    private WorkQueue _work;
    private StrandContext? _context;
    private Runner? _runner;
    private bool _isSuspended;
    private bool _isDisposed;
    private Delivery? _holder;

    /// <summary>The strand whose code runs on this thread; null outside of one.</summary>
    public static Strand? Current => ThreadRole.IfAny?.Strand;

    /// <summary>Whether this strand's code runs on this thread.</summary>
    public bool IsCurrent => Current == this;

    /// <summary>The context that brings code to this strand.</summary>
    public SynchronizationContext Context => ContextOf();

    /// <summary>Runs a callback on the strand, after what was posted before.</summary>
    /// <param name="callback">Gets <see cref="Status.Ok"/>, or <see cref="Status.Cancelled"/> when the strand was disposed first. It runs exactly once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <remarks><b>Blocks:</b> never. An exception of the callback is reported by the event source <c>Gangway</c>.</remarks>
    public void Post(Action<Status> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Queue(new PostedWork(callback));
    }

    /// <summary>Cancels what is queued: every callback still runs once, with <see cref="Status.Cancelled"/>.</summary>
    /// <remarks>
    /// <b>Blocks:</b> never. A handler that runs or is suspended goes on to its end. Requests that arrive for a disposed
    /// strand are answered <see cref="Status.Cancelled"/>.
    /// </remarks>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        WantTurn();
    }

    /// <summary>Whether a call waits for this strand that one of its own callers holds: it would wait for ever.</summary>
    internal bool IsHeldByOneOf(ReadOnlySpan<ulong> chain)
    {
        // A handler's id is given when it first calls somebody, so one without cannot be in any chain.
        Delivery? holder = Volatile.Read(ref _holder);
        return holder is not null && chain.Contains(holder.CallIdIfAny);
    }

    /// <summary>Takes the turn for the reactor's thread, if nothing runs, waits or is suspended here.</summary>
    internal bool TryEnterInline()
    {
        if (!_turn.TryTake())
            return false;
        if (!_isSuspended && _work.IsEmpty && _urgent.IsEmpty && _continuations.IsEmpty && !Volatile.Read(ref _isDisposed))
            return true;
        LetGoTurn();
        return false;
    }

    /// <summary>Whether the reactor's thread, which still has the turn, may run the next handler: nothing came meanwhile.</summary>
    internal bool MayGoOnInline => !HasWork() && !Volatile.Read(ref _isDisposed);

    /// <summary>Ends what <see cref="TryEnterInline"/> began. What came meanwhile runs on the thread pool.</summary>
    internal void LeaveInline() => LetGoTurn();

    /// <summary>Queues work behind what was queued before.</summary>
    internal void Queue(StrandWork work)
    {
        _work.Put(work);
        WantTurn();
    }

    /// <summary>Queues a piece of the handler that holds the strand.</summary>
    internal void PostContinuation(StrandWork work)
    {
        _continuations.Put(work);
        if (!_turn.TakeOrWant())
            return;

        // A reply that a handler awaits comes through a loop, whose thread may as well go on with the handler; but with one
        // that was slow only once, and with nothing that waits behind it.
        if (ThreadRole.IfAny is { Strand: null, Loop: not null, Entered: not 0 } role
            && _holder is not { IsOperationFast: false })
        {
            RunContinuationHere(role);
        }
        else
        {
            Schedule();
        }
    }

    /// <summary>The handler that runs now goes on later; until <see cref="Resume"/> no other handler starts. In the turn.</summary>
    internal void Suspend() => _isSuspended = true;

    /// <summary>The suspended handler has ended. In the turn.</summary>
    internal void Resume() => _isSuspended = false;

    /// <summary>Says which handler holds the strand; null when none does. In the turn.</summary>
    internal void SetHolder(Delivery? holder) => Volatile.Write(ref _holder, holder);

    /// <summary>Makes this thread the strand's, and says what it was before. The pair of <see cref="Leave"/>.</summary>
    internal Strand? Enter(ThreadRole role)
    {
        Strand? before = role.Strand;
        role.Strand = this;
        SynchronizationContext.SetSynchronizationContext(ContextOf());
        return before;
    }

    /// <summary>Makes this thread what it was before.</summary>
    internal static void Leave(ThreadRole role, Strand? before)
    {
        role.Strand = before;
        SynchronizationContext.SetSynchronizationContext(before?.ContextOf());
    }

    /// <summary>Whether a context is this strand's.</summary>
    internal bool HasContext(SynchronizationContext? context) => context is not null && context == _context;

    private StrandContext ContextOf() =>
        _context ?? Interlocked.CompareExchange(ref _context, new StrandContext(this), null) ?? _context;

    private void WantTurn()
    {
        if (_turn.TakeOrWant())
            Schedule();
    }

    /// <summary>Lets the turn go, or gives it to the thread pool with what there is to do.</summary>
    private void LetGoTurn()
    {
        if (HasWork() || !_turn.TryRelease())
            Schedule();
    }

    private bool HasWork() => !_continuations.IsEmpty || (!_isSuspended && (!_urgent.IsEmpty || !_work.IsEmpty));

    private void Schedule() =>
        ThreadPool.UnsafeQueueUserWorkItem(_runner ??= new Runner(this), preferLocal: false);

    /// <summary>Runs pieces until there are none. The turn is held when this is called.</summary>
    private void RunTurn()
    {
        ThreadRole role = ThreadRole.Current;
        Strand? before = Enter(role);
        int pieces = 0;
        do
        {
            while (TakeNext() is { } work)
            {
                RunOne(work, role);
                if (++pieces == PiecesPerRun)
                {
                    // Others want the pool's threads too. The turn stays held, and goes on behind them.
                    Leave(role, before);
                    Schedule();
                    return;
                }
            }
        }
        while (!_turn.TryRelease());

        Leave(role, before);
    }

    /// <summary>Runs one continuation, in the turn, and lets the turn go.</summary>
    private void RunContinuationHere(ThreadRole role)
    {
        Strand? before = Enter(role);
        if (_continuations.Take() is { } work)
            RunOne(work, role);
        Leave(role, before);
        LetGoTurn();
    }

    private void RunOne(StrandWork work, ThreadRole role)
    {
        Delivery? holder = _holder;
        (Delivery?, uint) caller = Delivery.BeginPart(role, holder, holder?.Stamp ?? 0);

        // Read before: it may be over afterwards.
        OperationSpeeds? speeds = holder?.Link.Speeds;
        uint operation = holder?.Frame.Operation ?? 0;
        long started = speeds is null ? 0 : Deadline.Now;
        ExecutionContext? ambient = AmbientState.Begin();
        try
        {
            work.Run(this, Volatile.Read(ref _isDisposed));
        }
        catch (Exception e)
        {
            GangwayEvents.Log.HandlerFailed("strand", 0, e);
        }

        AmbientState.End(ambient);

        speeds?.NoteContinuation(operation, Deadline.Now - started);
        Delivery.EndPart(role, caller);
    }

    private sealed class Runner(Strand strand) : IThreadPoolWorkItem
    {
        public void Execute() => strand.RunTurn();
    }

    private sealed class PostedWork(Action<Status> callback) : StrandWork
    {
        internal override void Run(Strand strand, bool isCancelled) =>
            callback(isCancelled ? Status.Cancelled : Status.Ok);
    }
}
