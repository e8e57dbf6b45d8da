// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>One thread of a scenario: a real one, of which the scheduler lets one run at a time.</summary>
internal sealed class Worker : IDisposable
{
    [ThreadStatic]
    private static Worker? t_current;

    private readonly Action _body;
    private readonly Thread _thread;
    private readonly int _core;

    internal Worker(Scheduler scheduler, int index, ScenarioThread thread, int core)
    {
        Scheduler = scheduler;
        Index = index;
        Bit = 1u << index;
        Name = thread.Name;
        Process = thread.Process;
        _body = thread.Body;
        _core = core;
        _thread = new Thread(Main, 256 * 1024) { IsBackground = true, Name = thread.Name };
    }

    /// <summary>The worker whose code runs on this thread now; null outside of an execution.</summary>
    internal static Worker? Current => t_current is { IsInBody: true } worker ? worker : null;

    internal Scheduler Scheduler { get; }

    internal int Index { get; }

    internal uint Bit { get; }

    internal string Name { get; }

    internal int Process { get; }

    internal Gate Gate { get; } = new();

    internal StoreBuffer Buffer { get; } = new();

    /// <summary>Stores that a mutant holds back.</summary>
    internal List<PendingStore> Held { get; } = [];

    /// <summary>What this thread last read where; kept for mutants that leave a read out.</summary>
    internal Dictionary<nuint, ulong> LastSeen { get; } = [];

    internal WorkerState State { get; set; }

    internal bool IsInBody { get; private set; }

    /// <summary>What it was about to do when it was preempted.</summary>
    internal Access Pending { get; set; }

    /// <summary>
    /// Preempted, and nothing has happened since that <see cref="Pending"/> depends on: to go on now would be the same as
    /// not to have been preempted. See <see cref="Scheduler"/>.
    /// </summary>
    internal bool IsAsleep { get; set; }

    /// <summary>While its oldest store is becoming visible.</summary>
    internal bool IsCommitting { get; set; }

    internal Func<bool>? Condition { get; set; }

    internal bool MayTimeOut { get; set; }

    internal WaitEnd? Forced { get; set; }

    internal bool IsEnabled => State switch
    {
        WorkerState.Ready or WorkerState.Active => true,
        WorkerState.Blocked => Forced is not null || Condition!(),
        _ => false,
    };

    internal bool IsOver => State is WorkerState.Stopped or WorkerState.Done;

    internal void Start() => _thread.Start();

    internal void Join() => _thread.Join();

    internal void Reset()
    {
        Buffer.Clear();
        Held.Clear();
        LastSeen.Clear();
        State = WorkerState.Ready;
        IsAsleep = IsCommitting = MayTimeOut = false;
        Condition = null;
        Forced = null;
    }

    /// <summary>Whether what it is about to do depends on somebody else's access to a cell.</summary>
    internal bool DependsOn(Cell cell, bool isStore)
    {
        // A fence of all threads depends on whatever any of them does.
        if (Pending.Kind == AccessKind.FenceAll)
            return true;
        if (Pending.Drains && Buffer.CountOf(cell) != 0)
            return true;
        if (ReferenceEquals(Pending.Cell, cell) && (isStore || Pending.Writes))
            return true;
        if (ReferenceEquals(Pending.SecondCell, cell) && isStore)
            return true;

        // What it is about to do may make others' stores visible, in their order.
        foreach (Worker other in Scheduler.Workers)
        {
            if (other == this || other.Buffer.Count == 0)
                continue;
            if (other.Buffer.HasBeforeLast(cell, Pending.Cell) || other.Buffer.HasBeforeLast(cell, Pending.SecondCell))
                return true;
            if (Pending.Drains && Buffer.Exists(store => other.Buffer.HasBeforeLast(cell, store.Cell)))
                return true;
        }

        return false;
    }

    public void Dispose() => Gate.Dispose();

    private void Main()
    {
        OneCore.Stay(_core);
        t_current = this;
        Gate.Wait();
        while (!Scheduler.IsOver)
        {
            State = WorkerState.Active;
            IsInBody = true;
            try
            {
                _body();
            }
            catch (ThreadEnded)
            {
            }
            catch (Exception e)
            {
                Scheduler.Fail(e is BrokenPromise ? $"{Name}: {e.Message}" : $"{Name}: {e.GetType().Name}: {e.Message}");
            }

            IsInBody = false;
            if (State != WorkerState.Stopped)
                State = WorkerState.Done;
            Worker? next = Scheduler.Next();
            if (next == this)
                continue;
            next?.Gate.Open();
            Gate.Wait();
        }
    }
}
