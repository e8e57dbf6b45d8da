// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Kills, the kernel model's steps, and the trace.</summary>
internal sealed partial class Scheduler
{
    internal bool IsTracing => _trace is not null;

    /// <summary>
    /// Whether a death may be noticed at a step of the kernel model. What then happens at that step depends on all that
    /// the threads of the process do, so nothing is a repetition.
    /// </summary>
    private bool MayNotice => _doomed != 0 || (_kills < _settings.Kills && (_scenario.Mortal & ~_dead) != 0);

    private bool IsAnyBlocked => Array.Exists(_workers, worker => worker.State == WorkerState.Blocked);

    /// <summary>Whether the kernel has noticed that a process is dead.</summary>
    internal bool IsDead(int process) => (_dead >> process & 1) != 0;

    /// <summary>A step of the kernel model: drains the store buffer, then happens at once.</summary>
    internal void EnterKernel(Worker self, string what, Cell? cell = null, Cell? secondCell = null)
    {
        Arrive(self, new Access(AccessKind.Kernel, cell, secondCell, IsShared: true));
        Memory.Drain(self);
        WakeForKernel(self);
        Trace(self, what);
    }

    /// <summary>Blocks the running thread, inside a step of the kernel model.</summary>
    internal WaitEnd Block(Worker self, Func<bool> condition, bool mayTimeOut)
    {
        self.State = WorkerState.Blocked;
        self.Condition = condition;
        self.MayTimeOut = mayTimeOut;
        Worker? next = PickNext();
        if (next != self)
            SwitchTo(self, next!);
        CheckAlive(self);
        self.State = WorkerState.Active;
        self.Condition = null;
        WaitEnd end = self.Forced ?? WaitEnd.Happened;
        self.Forced = null;
        return end;
    }

    internal void Trace(Worker self, string what) => _trace?.Add($"{_step,5}  {self.Name,-12} {what}");

    internal void Note(string what) => _trace?.Add($"{_step,5}  {"",-12} -- {what}");

    internal string LabelOf(nuint address) => _scenario.Labels.Of(address);

    private bool MayStop(int process) => (_doomed >> process & 1) != 0
        || (_kills < _settings.Kills && (_scenario.Mortal >> process & 1) != 0 && !IsDead(process));

    private void Stop(Worker self)
    {
        uint process = 1u << self.Process;
        if ((_doomed & process) == 0)
        {
            _doomed |= process;
            _kills++;
        }

        _step++;
        self.State = WorkerState.Stopped;
        Note($"{self.Name} is killed");
        throw ThreadEnded.Instance;
    }

    /// <summary>Offers to notice the death of processes all of whose threads have stopped, ended, or blocked.</summary>
    private void AddNotices(bool doomedOnly)
    {
        if (doomedOnly ? _doomed == 0 : !MayNotice)
            return;
        for (int process = 0; process < 32; process++)
        {
            if (IsDead(process) || ((_doomed >> process & 1) == 0 && (doomedOnly || !MayStop(process))))
                continue;
            if (Array.Exists(_workers, worker => worker.Process == process)
                && !Array.Exists(_workers, worker => worker.Process == process
                    && worker.State is WorkerState.Active or WorkerState.Ready))
            {
                _options.Add(new Option(OptionKind.Notice, process));
            }
        }
    }

    private void NoticeDeath(int process)
    {
        uint bit = 1u << process;
        if ((_doomed & bit) == 0)
            _kills++;
        _doomed &= ~bit;
        _dead |= bit;
        _step++;
        Note($"process {process} is dead");
        foreach (Worker worker in _workers)
        {
            if (worker.Process != process)
                continue;
            if (worker.State == WorkerState.Blocked)
                worker.State = WorkerState.Stopped;
            Memory.Drain(worker);
        }

        WakeForKernel(null);
    }

    private void WakeForKernel(Worker? self)
    {
        foreach (Worker worker in _workers)
        {
            if (worker.IsAsleep && worker != self && worker.Pending.Kind == AccessKind.Kernel)
                worker.IsAsleep = false;
        }
    }
}
