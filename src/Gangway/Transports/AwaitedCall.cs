// SPDX-License-Identifier: MIT

using System.Threading.Tasks.Sources;
using Gangway.Platform;

namespace Gangway.Transports;

/// <summary>The caller's side of one transaction slot while nobody polls it: an awaited call, or a parked thread.</summary>
/// <remarks>
/// The slot is the source of the <see cref="ValueTask{TResult}"/>: it is given back when the result was taken, so nothing
/// else refers to it. One for each slot that was ever awaited in; used again and again.
/// </remarks>
internal sealed class AwaitedCall : TimerNode, IValueTaskSource<CallResult>, ICompletion, IThreadPoolWorkItem
{
    // Design:
    //
    // _state is the generation << 1 | whether it can be claimed. Reply, deadline, cancel and end of the connection race to
    // claim it by compare-and-swap; who wins owns the slot's last word, the reply and the result. Generations do not come
    // again, so who read the state before it looked at anything else was right about all of it if its swap succeeds.

    private const ulong Claimable = 1;

    private static readonly object s_completed = new();

    private readonly Link _link;
    private readonly ParkingWord _parked = new();
    private ManualResetValueTaskSourceCore<CallResult> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private ulong _state;
    private bool _isAbandoned;
    private bool _isParked;
    private bool _mayResume;
    private long _deadlineNs;
    private CallResult _result;

    /// <summary>The strand whose handler waits, the context of a handler without one, or <see cref="s_completed"/>.</summary>
    private object? _awaiter;

    private Resumption? _onStrand;

    /// <summary>Makes the source of a slot.</summary>
    internal AwaitedCall(Link link, int slot)
    {
        _link = link;
        Slot = slot;
    }

    /// <summary>The slot.</summary>
    internal int Slot { get; }

    /// <summary>Where the reply's payload goes.</summary>
    internal Memory<byte> Reply { get; private set; }

    /// <summary>Changes when the reactor has found something in the slot: what a thread of a listening side parks on.</summary>
    internal ParkingWord Parked => _parked;

    /// <summary>Whether a thread is about to sleep on <see cref="Parked"/>, or does.</summary>
    internal bool IsParked
    {
        get => Volatile.Read(ref _isParked);
        set => Volatile.Write(ref _isParked, value);
    }

    /// <summary>Wakes the thread that sleeps on <see cref="Parked"/>.</summary>
    internal void WakeParked()
    {
        _parked.Bump();
        if (IsParked)
            _parked.Wake(int.MaxValue);
    }

    /// <summary>The generation that waits; 0 when none can be claimed.</summary>
    internal ulong Waiting => Volatile.Read(ref _state) is var state && (state & Claimable) != 0 ? state >> 1 : 0;

    /// <summary>Starts to wait. From here on anybody may claim it.</summary>
    internal void Begin(ulong generation, Memory<byte> reply, Deadline deadline, CancellationToken cancellationToken)
    {
        Reply = reply;
        _deadlineNs = deadline.Nanoseconds;
        _isAbandoned = false;
        _token = cancellationToken;
        _core.Reset();
        _mayResume = SynchronizationContext.Current is not null;
        if (_mayResume)
            _awaiter = null;
        Volatile.Write(ref _state, generation << 1 | Claimable);
    }

    /// <summary>Has the token's cancel end the call. It may have done so when this returns.</summary>
    internal void Register(ulong generation)
    {
        CancellationTokenRegistration registration = _token.UnsafeRegister(
            static (call, token) => ((AwaitedCall)call!).OnCancelled(token), this);

        // Whoever claims it takes the registration back, unless we come too late for that.
        _registration = registration;
        Interlocked.MemoryBarrier();
        if (Waiting != generation)
            registration.Unregister();
    }

    /// <summary>Claims the right to end a call.</summary>
    internal bool TryClaim(ulong generation) =>
        Interlocked.CompareExchange(ref _state, generation << 1, generation << 1 | Claimable) == (generation << 1 | Claimable);

    /// <summary>What the caller awaits. Once for each <see cref="Begin"/> that was not claimed by the caller itself.</summary>
    internal ValueTask<CallResult> AsTask() => new(this, _core.Version);

    /// <summary>Notes how it went. Whoever claimed it has it completed afterwards.</summary>
    /// <param name="result">How it went.</param>
    /// <param name="isAbandoned">Whether the slot must wait for a late reply.</param>
    internal void SetResult(CallResult result, bool isAbandoned)
    {
        Withdraw();

        // The claim was a full fence between the state and this look; the pair is in Register.
        _registration.Unregister();
        _registration = default;
        _result = result;
        _isAbandoned = isAbandoned;
    }

    /// <inheritdoc/>
    public void Complete(bool mayRunHere)
    {
        // From here on a handler that has not begun to wait finds the result, or waits in the ordinary way.
        switch (_mayResume ? Interlocked.Exchange(ref _awaiter, s_completed) : null)
        {
            case Strand strand:
                strand.PostContinuation(_onStrand ??= new Resumption(this));
                break;
            case CallContext context:
                context.Post(static call => ((AwaitedCall)call!).SetResultHere(), this);
                break;
            case null when !mayRunHere:
                // Not the source's own way to the pool, which allocates.
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                break;
            default:
                SetResultHere();
                break;
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => SetResultHere();

    /// <inheritdoc/>
    public CallResult GetResult(short token)
    {
        CallResult result = _core.GetResult(token);

        // From here on the token is of the past: who awaits a second time gets an exception, and not somebody else's slot.
        _core.Reset();
        Reply = default;
        _link.LeaveAwaited(Slot, _isAbandoned);
        return result;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // A handler: the result is set in a later turn of its strand, or in a piece of its own without one, so the continuation
        // runs there without the callback that the ordinary way allocates for each wait.
        const ValueTaskSourceOnCompletedFlags Context = ValueTaskSourceOnCompletedFlags.UseSchedulingContext;
        if (_mayResume && (flags & Context) != 0 && HandlersContext() is { } awaiter
            && Interlocked.CompareExchange(ref _awaiter, awaiter, null) is null)
        {
            flags &= ~Context;
        }

        _core.OnCompleted(continuation, state, token, flags);
    }

    /// <inheritdoc/>
    internal override void OnDue(long now)
    {
        // A time that an earlier use of the slot asked for may come late.
        ulong generation = Waiting;
        if (generation != 0 && _deadlineNs <= now)
            _link.GiveUp(this, generation, Status.DeadlineExceeded);
    }

    private void OnCancelled(CancellationToken token)
    {
        // A callback of an earlier use of the slot may come late: it has another token, or the same, and then it is right.
        ulong generation = Waiting;
        if (generation != 0 && _token == token)
            _link.GiveUp(this, generation, Status.Cancelled);
    }

    /// <summary>The strand in whose turn this is, or the context of the handler without one whose piece this is.</summary>
    private static object? HandlersContext() =>
        Strand.Current is { } strand && strand.HasContext(SynchronizationContext.Current) ? strand : CallContext.Current;

    private void SetResultHere()
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(_result);
    }

    /// <summary>Sets the result in a turn of the strand that waits for it.</summary>
    private sealed class Resumption(AwaitedCall call) : StrandWork
    {
        internal override void Run(Strand strand, bool isCancelled) => call.SetResultHere();
    }
}
