// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Gangway.SharedMemory;
using Gangway.Transports;

namespace Gangway;

/// <summary>One record that was taken from a peer: a private copy, and where its handler is with it.</summary>
/// <remarks>
/// <b>Owns:</b> the copy, until the handler has completed and the transaction is answered, or the message completed. There
/// are never more than the credits granted, so they are pooled and nothing allocates.
/// </remarks>
internal sealed partial class Delivery : StrandWork, IThreadPoolWorkItem
{
    // Design:
    //
    // The loop's thread reads a record into a delivery of its own. Either the handler runs on the spot, and the delivery
    // is used again for the next record; or the delivery is passed on (queued on a strand, suspended in an await, kept by
    // the application), and the loop rents another. Whoever finishes last gives it back.
    //
    // INVARIANT: _stamp changes when the delivery is given back, so whatever still refers to an earlier record finds out.

    private const int PooledMax = 1024;

    private static readonly ConcurrentQueue<Delivery> s_pool = new();

    private static int s_pooled;

    private readonly Action _onHandlerCompleted;
    private uint _stamp;
    private Strand? _strand;
    private bool _isSuspended;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _handlerTask;

    private Delivery() => _onHandlerCompleted = OnHandlerCompleted;

    /// <summary>The copy of the record.</summary>
    internal byte[] Bytes { get; } = new byte[RecordHeader.RecordBytesMax];

    /// <summary>The record's parts. Written by whoever reads one into it, before <see cref="Begin"/>.</summary>
    internal Frame Frame;

    /// <summary>Where it came from.</summary>
    internal Link Link { get; private set; } = null!;

    /// <summary>Which record is in it.</summary>
    internal uint Stamp => Volatile.Read(ref _stamp);

    /// <summary>Whether its handler may run, or go on, on a loop's thread.</summary>
    internal bool IsOperationFast => Link.Speeds.IsFast(Frame.Operation);

    /// <summary>Takes a delivery for the next record of a loop.</summary>
    internal static Delivery Rent()
    {
        if (s_pool.TryDequeue(out Delivery? pooled))
        {
            Interlocked.Decrement(ref s_pooled);
            return pooled;
        }

        return new Delivery();
    }

    /// <summary>Gives a delivery back.</summary>
    internal static void Return(Delivery delivery)
    {
        if (Volatile.Read(ref s_pooled) >= PooledMax)
            return;
        Interlocked.Increment(ref s_pooled);
        s_pool.Enqueue(delivery);
    }

    /// <summary>A record of a link was read into it.</summary>
    internal void Begin(Link link)
    {
        Link = link;
        Volatile.Write(ref _callId, 0);
        BeginMessage();
    }

    /// <summary>The payload of a record.</summary>
    /// <exception cref="InvalidOperationException">It is gone.</exception>
    internal ReadOnlySpan<byte> PayloadOf(uint stamp)
    {
        if (Stamp != stamp)
            ThrowIsGone();
        return Bytes.AsSpan(Frame.PayloadOffset, Frame.PayloadBytes);
    }

    /// <summary>Starts the handler, in the turn of its strand, or without one.</summary>
    /// <returns>True when it has completed; false when it is suspended, and will finish by itself.</returns>
    internal bool TryRunHandler(Strand? strand, ThreadRole role)
    {
        Strand? before = strand?.Enter(role);
        strand?.SetHolder(this);
        if (strand is null)
            EnterContext();
        (Delivery?, uint) caller = BeginPart(role, this, _stamp);
        ExecutionContext? ambient = AmbientState.Begin();
        ValueTask task = Link.Endpoint.InvokeHandler(this);
        AmbientState.End(ambient);
        EndPart(role, caller);
        if (strand is not null)
            Strand.Leave(role, before);
        else
            LeaveContext(hasSuspended: !task.IsCompleted);

        if (task.IsCompleted)
        {
            Observe(task.ConfigureAwait(false).GetAwaiter());
            strand?.SetHolder(null);
            return true;
        }

        ChargeLater();
        strand?.Suspend();
        _strand = strand;
        _isSuspended = true;
        _handlerTask = task.ConfigureAwait(false).GetAwaiter();

        // From here on it may finish on another thread; with a strand, not before the turn is let go.
        _handlerTask.UnsafeOnCompleted(_onHandlerCompleted);
        return false;
    }

    /// <summary>The handler has completed.</summary>
    /// <returns>True when nobody needs the copy any more: the caller gives the delivery back.</returns>
    internal bool TryFinish()
    {
        bool isFree = Frame.Kind == FrameKind.Message ? TryFinishMessage() : TryFinishRequest();
        if (isFree)
            Forget();
        return isFree;
    }

    /// <summary>Nothing comes of it.</summary>
    internal void Drop() => Forget();

    /// <summary>The transaction, whose handler has completed before, was answered now.</summary>
    internal void FinishDeferred()
    {
        Forget();
        Return(this);
    }

    /// <inheritdoc/>
    internal override void Run(Strand strand, bool isCancelled)
    {
        if (_isSuspended)
        {
            FinishSuspended();
            return;
        }

        Endpoint endpoint = Link.Endpoint;
        if (endpoint.TryRefuseQueued(this, isCancelled))
        {
            FinishOffLoop();
            return;
        }

        OperationSpeeds speeds = Link.Speeds;
        uint operation = Frame.Operation;
        long started = speeds.IsFast(operation) ? 0 : Deadline.Now;
        bool hasCompleted = TryRunHandler(strand, ThreadRole.Current);
        if (started != 0)
            speeds.NoteOnStrand(operation, Deadline.Now - started);
        if (hasCompleted)
            FinishOffLoop();
    }

    /// <summary>Runs the handler of an operation that is not serialized, on the thread pool.</summary>
    public void Execute()
    {
        if (Link.Endpoint.TryRefuseQueued(this, isCancelled: false) || TryRunHandler(null, ThreadRole.Current))
            FinishOffLoop();
    }

    /// <summary>Finishes where the loop is not this thread's.</summary>
    internal void FinishOffLoop()
    {
        if (TryFinish())
            Return(this);
    }

    private void OnHandlerCompleted()
    {
        // Mostly this is the end of the handler's last piece, which ran in the turn of its strand.
        if (_strand is { IsCurrent: false } strand)
            strand.PostContinuation(this);
        else
            FinishSuspended();
    }

    private void FinishSuspended()
    {
        ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter task = _handlerTask;
        _handlerTask = default;
        _isSuspended = false;
        Strand? strand = _strand;
        _strand = null;
        Observe(task);
        if (strand is not null)
        {
            strand.SetHolder(null);
            strand.Resume();
        }

        FinishOffLoop();
    }

    private void Observe(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter task)
    {
        try
        {
            task.GetResult();
        }
        catch (Exception e)
        {
            Link.Endpoint.OnHandlerFailed(this, e);
        }
    }

    private void Forget()
    {
        Link = null!;
        EndCharge();
        ForgetCancellation();
        Volatile.Write(ref _stamp, _stamp + 1);
        Volatile.WriteBarrier(); // the stamp before the next record, which is read straight into here; the pair is in TryNest
    }

    private static void ThrowIsGone() => throw new InvalidOperationException(
        "The payload can be read until the handler has completed, and its transaction is answered or its message completed. "
        + "Copy what is needed later.");
}
