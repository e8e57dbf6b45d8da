// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;
using Gangway.Transports;

namespace Gangway;

// What becomes of a record that was taken, and of the calls that its handler makes.
public sealed partial class Endpoint
{
    private static readonly TimeSpan s_nestedTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether the loop kept the strand's turn for the next record of this poll: two compare-and-swaps for many records. The
    /// loop's, between two handlers.
    /// </summary>
    private bool _keepsTurn;

    /// <summary>Acts on one record. On the thread of the link's loop, which this may cost it.</summary>
    /// <param name="delivery">The record.</param>
    /// <param name="mayRunHere">Whether its handler may run on this thread.</param>
    /// <returns>What became of the delivery and of the loop.</returns>
    internal Received Receive(Delivery delivery, bool mayRunHere)
    {
        Reactor reactor = delivery.Link.Reactor;
        ThreadRole role = mayRunHere ? reactor.Role : ThreadRole.Current;
        if (!TryAdmit(delivery, role, out Dispatch dispatch, out Received received))
            return received;

        if (dispatch == Dispatch.Inline && mayRunHere && delivery.IsOperationFast && TryEnterInline())
        {
            if (reactor.MayRunInline())
                return RunInline(reactor, delivery);
            Strand.LeaveInline();
        }

        return PassOn(delivery, dispatch);
    }

    /// <summary>
    /// Acts on a request of a caller of this process, on the caller's own thread: its handler runs here if its strand is free.
    /// </summary>
    /// <inheritdoc cref="Receive"/>
    internal Received ReceiveHere(Delivery delivery, ThreadRole role)
    {
        if (!TryAdmit(delivery, role, out Dispatch dispatch, out Received received))
            return received;
        return dispatch == Dispatch.Inline && Strand.TryEnterInline() ? RunHere(delivery, role) : PassOn(delivery, dispatch);
    }

    /// <summary>Whether a record is to be handled, and where its handler wants to run.</summary>
    /// <param name="delivery">The record.</param>
    /// <param name="role">The caller's.</param>
    /// <param name="dispatch">Where.</param>
    /// <param name="received">What became of it, if it is not.</param>
    private bool TryAdmit(Delivery delivery, ThreadRole role, out Dispatch dispatch, out Received received)
    {
        dispatch = default;
        received = Received.Kept;
        ref readonly Frame frame = ref delivery.Frame;
        Link link = delivery.Link;
        if (frame.Kind == FrameKind.Request)
        {
            if (!link.Transactions.TryBegin(frame.Slot, frame.Generation, delivery))
            {
                link.Fault($"a request named slot {frame.Slot}, generation {frame.Generation}, which is pending, old or out of range");
                delivery.Drop();
                return false;
            }

            link.NoteRequest(delivery);
        }

        // Before the handler, the strand and the limits: who may not ask learns nothing of them.
        if (Permit is not null && !IsPermitted(frame.Operation, role))
        {
            received = RefuseForbidden(delivery);
            return false;
        }

        Dispatch? asked = AskDispatch(frame.Operation, role);
        if (frame.Kind == FrameKind.Request)
        {
            Status refusal = Judge(delivery, needsStrand: asked != Dispatch.Concurrent);
            if (refusal != Status.Ok)
            {
                received = Refuse(delivery, refusal);
                return false;
            }
        }

        if (asked is not { } found)
        {
            received = Refuse(delivery, Status.HandlerFailed);
            return false;
        }

        dispatch = found;
        return true;
    }

    /// <summary>Leaves a record to its strand, or to the thread pool.</summary>
    private Received PassOn(Delivery delivery, Dispatch dispatch)
    {
        if (!delivery.TryCharge())
            return Refuse(delivery, Status.QuotaExceeded);
        delivery.BeginWait();
        if (dispatch == Dispatch.Concurrent)
        {
            ThreadPool.UnsafeQueueUserWorkItem(delivery, preferLocal: false);
        }
        else
        {
            EndPoll();
            Strand.Queue(delivery);
        }

        return Received.Passed;
    }

    /// <summary>Answers a request that is not run; drops a message.</summary>
    private static Received Refuse(Delivery delivery, Status status)
    {
        ref readonly Frame frame = ref delivery.Frame;
        if (frame.Kind == FrameKind.Request)
            delivery.Link.TryReply(frame.Slot, frame.Generation, status, []);
        return delivery.TryFinish() ? Received.Kept : Received.Passed;
    }

    /// <summary>
    /// Answers a request that the listener does not permit. A message has no answer, and none is lost silently: it ends the
    /// connection, with a reason.
    /// </summary>
    private Received RefuseForbidden(Delivery delivery)
    {
        ref readonly Frame frame = ref delivery.Frame;
        if (frame.Kind == FrameKind.Request)
            return Refuse(delivery, Status.NotPermitted);

        delivery.Link.Fault(
            $"a message of operation {frame.Operation}, which user {Peer!.UserId} is not permitted (ListenerOptions.Permit)");
        delivery.Drop();
        return Received.Kept;
    }

    /// <summary>Runs the handler of a record.</summary>
    internal ValueTask InvokeHandler(Delivery delivery)
    {
        try
        {
            return delivery.Frame.Kind == FrameKind.Message
                ? _handler.OnMessageAsync(this, new Message(delivery))
                : _handler.OnTransactionAsync(this, new Transaction(delivery));
        }
        catch (Exception e)
        {
            OnHandlerFailed(delivery, e);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A handler threw: its caller, and nobody else, gets a status.</summary>
    internal void OnHandlerFailed(Delivery delivery, Exception e)
    {
        ref readonly Frame frame = ref delivery.Frame;
        if (frame.Kind == FrameKind.Request)
            delivery.Link.TryReply(frame.Slot, frame.Generation, Status.HandlerFailed, []);
        GangwayEvents.Log.HandlerFailed(Address.Text, frame.Operation, e);
    }

    /// <summary>Refuses a record that waited and need not run any more.</summary>
    internal bool TryRefuseQueued(Delivery delivery, bool isCancelled)
    {
        ref readonly Frame frame = ref delivery.Frame;

        // A sender inside this process may come late, with the connection over: nothing is handled behind OnDisconnect.
        bool isDropped = !delivery.TryStart() || DropsQueued || delivery.Link.IsOver;
        if (frame.Kind == FrameKind.Message)
            return isDropped || isCancelled;

        // What we close ourselves need not be handled to the end, and the end of the connection cancels the rest. It never ran:
        // a caller that still looks learns that it may be sent again, and not that somebody cancelled it.
        bool isTokenCancelled = delivery.IsCancelled(delivery.Stamp);
        Status status = isDropped || (isTokenCancelled && delivery.Link.HasEnded) ? Status.NotSent
            : isCancelled || isTokenCancelled ? Status.Cancelled
            : frame.Deadline.HasPassed ? Status.DeadlineExceeded
            : Status.Ok;
        return status != Status.Ok && delivery.Link.TryReply(frame.Slot, frame.Generation, status, []);
    }

    /// <summary>Whether a request can be handled at all.</summary>
    private Status Judge(Delivery delivery, bool needsStrand)
    {
        ref readonly Frame frame = ref delivery.Frame;
        if (needsStrand && frame.ChainCount != 0 && Strand.IsHeldByOneOf(delivery.Chain))
            return Status.Deadlock;
        if (Account is { HasAllTransactions: true })
            return Status.QuotaExceeded;
        return frame.Deadline.HasPassed ? Status.DeadlineExceeded : Status.Ok;
    }

    /// <summary>Runs the application's <see cref="EndpointHandler.OnSendPossible"/>.</summary>
    internal void OnSendPossible()
    {
        Volatile.Read(ref _events)?.Signal((uint)EndpointEvents.SendPossible);
        Contain(() => _handler.OnSendPossible(this));
    }

    /// <summary>The loop has no more records of this endpoint for now: what it kept for the next one it gives back.</summary>
    internal void EndPoll()
    {
        if (!_keepsTurn)
            return;
        _keepsTurn = false;
        Strand.LeaveInline();
    }

    /// <summary>Takes the strand's turn, or goes on with the one that the record before has left.</summary>
    private bool TryEnterInline()
    {
        if (_keepsTurn && Strand.MayGoOnInline)
        {
            // While the handler runs the turn is its thread's, which may lose the loop.
            _keepsTurn = false;
            return true;
        }

        EndPoll();
        return Strand.TryEnterInline();
    }

    private Received RunInline(Reactor reactor, Delivery delivery)
    {
        uint operation = delivery.Frame.Operation;
        long tick = TakeoverMonitor.LastTick;
        long started = reactor.Speeds.BeginInline(operation, tick);

        // The news of a reply waits for the end of the poll as long as only quick handlers come before that.
        Link link = delivery.Link;
        bool isQuick = reactor.Speeds.IsQuick(operation);
        if (!isQuick)
            link.AnnounceKept();

        // From here to TryLeaveHandler this thread may lose the loop at any instruction.
        ThreadRole role = reactor.Role;
        role.Inline = isQuick ? delivery : null;
        reactor.EnterHandler(role);
        bool hasCompleted = delivery.TryRunHandler(Strand, role);
        role.Inline = null;
        ulong kept = role.Kept.Slots;
        bool hasLoop = reactor.TryLeaveHandler(role);
        if (hasLoop)
            link.KeepReplies(kept);
        else
            link.AnnounceReplies(kept);
        if (kept != 0)
            role.Kept.Forget();

        reactor.Speeds.EndInline(operation, started, tick, lostLoop: !hasLoop);
        bool isFree = hasCompleted && delivery.TryFinish();
        if (hasLoop && hasCompleted)
            _keepsTurn = true;
        else
            Strand.LeaveInline();
        if (hasLoop)
            return isFree ? Received.Kept : Received.Passed;
        if (isFree)
            Delivery.Return(delivery);
        return Received.LostLoop;
    }

    /// <summary>Runs a handler on its caller's thread, in the turn of the strand, and makes the thread what it was.</summary>
    private Received RunHere(Delivery delivery, ThreadRole role)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        bool isOver = delivery.Link.IsOver;
        bool hasCompleted = isOver || delivery.TryRunHandler(Strand, role);
        if (isOver)
            delivery.Link.TryReply(delivery.Frame.Slot, delivery.Frame.Generation, Status.NotSent, []);
        bool isFree = hasCompleted && delivery.TryFinish();
        Strand.LeaveInline();

        if (SynchronizationContext.Current != context)
            SynchronizationContext.SetSynchronizationContext(context);
        return isFree ? Received.Kept : Received.Passed;
    }

    /// <summary>Where the handler runs; null when the application failed to say.</summary>
    private Dispatch? AskDispatch(uint operation, ThreadRole role)
    {
        bool wasAsked = role.IsAsked;
        role.IsAsked = true;
        ExecutionContext? ambient = AmbientState.Begin();
        try
        {
            return _handler.DispatchOf(operation);
        }
        catch (Exception e)
        {
            GangwayEvents.Log.HandlerFailed(Address.Text, operation, e);
            return null;
        }
        finally
        {
            AmbientState.End(ambient);
            role.IsAsked = wasAsked;
        }
    }

    /// <summary>Whether the listener permits its peer an operation; not, when the application failed to say.</summary>
    private bool IsPermitted(uint operation, ThreadRole role)
    {
        bool wasAsked = role.IsAsked;
        role.IsAsked = true;
        ExecutionContext? ambient = AmbientState.Begin();
        try
        {
            return Permit!(Peer!, operation);
        }
        catch (Exception e)
        {
            GangwayEvents.Log.HandlerFailed(Address.Text, operation, e);
            return false;
        }
        finally
        {
            AmbientState.End(ambient);
            role.IsAsked = wasAsked;
        }
    }

    private CallResult CallNested(
        Link link, Delivery outer, uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline)
    {
        Span<ulong> chain = stackalloc ulong[RecordHeader.ChainLengthMax];
        if (!TryNest(outer, chain, out int count, ref deadline))
            return new CallResult(Status.ChainTooLong, 0);
        CallResult result = link.Call(operation, request, reply, deadline, chain[..count]);
        GC.KeepAlive(link);
        return result;
    }

    private ValueTask<CallResult> CallNestedAsync(
        Link link, Delivery outer, uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline,
        CancellationToken cancellationToken)
    {
        Span<ulong> chain = stackalloc ulong[RecordHeader.ChainLengthMax];
        if (!TryNest(outer, chain, out int count, ref deadline))
            return new ValueTask<CallResult>(new CallResult(Status.ChainTooLong, 0));
        ValueTask<CallResult> result = link.CallAsync(operation, request, reply, deadline, chain[..count], cancellationToken);
        GC.KeepAlive(link);
        return result;
    }

    /// <summary>
    /// What a call inside a handler takes along: the chain, and the earlier of the handler's deadline and its own; never
    /// without one, so that every cycle ends. Nothing when the handler's request is over.
    /// </summary>
    /// <returns>False when the chain is too long.</returns>
    private static bool TryNest(Delivery outer, Span<ulong> chain, out int count, ref Deadline deadline)
    {
        if (!outer.TryNest(chain, out count, out Deadline inherited))
        {
            count = 0;
            return true;
        }

        deadline = Earlier(inherited, deadline);
        return count != 0;
    }

    /// <summary>How long a handler may wait for anything: the earlier of its deadline and the given one, and never for ever.</summary>
    private static Deadline Earlier(Deadline inherited, Deadline deadline) =>
        inherited.IsNever && deadline.IsNever ? Deadline.Implied(s_nestedTime)
        : inherited.Nanoseconds >= deadline.Nanoseconds ? deadline
        : deadline.IsNever ? inherited : inherited.Given;
}
