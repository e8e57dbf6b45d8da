// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Runs a scenario again and again, one thread at a time, as a strategy chooses.</summary>
internal sealed partial class Scheduler
{
    // Design:
    //
    // Whoever runs is the scheduler: before each step the running thread asks itself whether to go on, and only if the
    // answer is another thread is anything handed over. One thread runs at any time, so nothing here is locked.
    //
    // Preemptions are bounded (Musuvathi and Qadeer, 2007): a switch away from a thread that could go on costs one; a
    // switch from one that is blocked or at its end is free.
    //
    // Switches are offered before steps that another thread can notice or influence (Access.IsShared), because the
    // others commute with everything. And a thread that was preempted before a step is not continued until
    // something has happened that the step depends on (Worker.IsAsleep). Otherwise the step could as well have
    // been done before the preemption: an equivalent execution with no more preemptions, which the search
    // visits earlier, because "go on" is its first option. If only such threads can go on, the execution is given up.
    // So of each class of equivalent executions within the bound, the first in the order of the search is always run.
    //
    // A kill has two parts. The process is doomed when one of its threads is stopped, before any step that has an effect;
    // its other threads may go on until they are stopped or blocked; what is in the store buffers becomes visible any time.
    // Later the kernel notices: all stores are visible then, and others can tell that it is dead.

    private readonly Exploration _settings;
    private readonly Scenario _scenario;
    private readonly IStrategy _strategy;
    private readonly Cells _cells;
    private readonly Worker[] _workers;
    private readonly TaskCompletionSource _over = new();
    private readonly List<Option> _options = [];
    private readonly List<Decision> _decisions = [];
    private readonly List<string>? _trace;

    private bool _isEnding;
    private bool _isPruned;
    private string? _failure;
    private int _step;
    private int _preemptions;
    private int _kills;
    private int _wakes;
    private uint _doomed;
    private uint _dead;

    internal Scheduler(Exploration settings, Scenario scenario, IStrategy strategy, Cells cells, bool isTracing)
    {
        _settings = settings;
        _scenario = scenario;
        _strategy = strategy;
        _cells = cells;
        _trace = isTracing ? [] : null;
        Memory = new SimulatedMemory(this, cells, settings.Model, settings.Mutant);
        int core = OneCore.Pick();
        _workers = [.. scenario.Threads.Select((thread, i) => new Worker(this, i, thread, core))];
    }

    internal SimulatedMemory Memory { get; }

    internal ReadOnlySpan<Worker> Workers => _workers;

    /// <summary>Whether the exploration is over.</summary>
    internal bool IsOver { get; private set; }

    internal long Executions { get; private set; }

    internal long Redundant { get; private set; }

    internal int Passes { get; private set; } = 1;

    internal bool IsExhausted { get; private set; }

    internal string? Failure => _failure;

    internal Schedule Schedule => new([.. _decisions]);

    internal IReadOnlyList<string> Lines => _trace ?? [];

    /// <summary>Does all executions. Comes back when there is none left, or one has failed.</summary>
    internal void Run()
    {
        foreach (Worker worker in _workers)
            worker.Start();
        Guarded(BeginExecution)?.Gate.Open();
        _over.Task.Wait();
        foreach (Worker worker in _workers)
            worker.Gate.Open();
        foreach (Worker worker in _workers)
        {
            worker.Join();
            worker.Dispose();
        }
    }

    /// <summary>
    /// Somebody is storing to a cell, making a store to it visible, or reading it: who depends on that may go on. Comes
    /// before the store buffers of others change for it, because what they depend on is in there.
    /// </summary>
    internal void Wake(Worker self, Cell cell, bool isStore)
    {
        foreach (Worker worker in _workers)
        {
            if (worker.IsAsleep && worker != self && worker.DependsOn(cell, isStore))
                worker.IsAsleep = false;
        }
    }

    /// <summary>Chooses, and writes the choice down if it is not the canonical one.</summary>
    internal Option Choose(ReadOnlySpan<Option> options, Option canonical)
    {
        Option chosen = options.Length == 1 ? options[0] : options[_strategy.Choose(options, _step)];
        if (chosen != canonical)
            _decisions.Add(new Decision(_step, chosen));
        return chosen;
    }

    /// <summary>The execution has failed. The first failure counts.</summary>
    internal void Fail(string failure)
    {
        _failure ??= failure;
        _isEnding = true;
    }

    /// <summary>A thread has come to its end: who goes on; null when the exploration is over.</summary>
    internal Worker? Next() => Guarded(PickNext);

    private Worker? Guarded(Func<Worker?> step)
    {
        try
        {
            return step();
        }
        catch (Exception e)
        {
            Fail($"{e.GetType().Name}: {e.Message}");
            End();
            return null;
        }
    }

    private void SwitchTo(Worker self, Worker other)
    {
        other.Gate.Open();
        self.Gate.Wait();
        CheckAlive(self);
    }

    private void CheckAlive(Worker self)
    {
        if (_isEnding || self.IsOver)
            throw ThreadEnded.Instance;
    }

    private Worker? CompleteExecution()
    {
        Executions++;
        if (_isPruned)
            Redundant++;
        if (_failure is null && !_isPruned)
        {
            foreach (Worker worker in _workers)
                Memory.Drain(worker);
            try
            {
                _scenario.Dead = _dead;
                _scenario.Check();
            }
            catch (Exception e)
            {
                Fail(e is BrokenPromise ? $"at the end: {e.Message}" : $"at the end: {e.GetType().Name}: {e.Message}");
            }
        }

        if (_failure is not null)
            return End();
        if (_cells.IsOutOfDate && !_settings.IsUnreduced)
        {
            Passes++;
            _cells.Learn();
            _strategy.Restart();
        }
        else if (!_strategy.Next())
        {
            IsExhausted = _strategy is DepthFirst;
            return End();
        }

        return Executions >= _settings.ExecutionsMax ? End() : BeginExecution();
    }

    private Worker? BeginExecution()
    {
        _isEnding = _isPruned = false;
        _step = _preemptions = _kills = _wakes = 0;
        _doomed = _dead = 0;
        _decisions.Clear();
        foreach (Worker worker in _workers)
            worker.Reset();
        _scenario.Reset();
        _strategy.Begin();
        return PickNext();
    }

    private Worker? End()
    {
        IsOver = true;
        _over.TrySetResult();
        return null;
    }
}
