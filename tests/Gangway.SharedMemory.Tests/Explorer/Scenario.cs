// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A small program around the code under test: its threads, its beginning, and what must hold at its end.</summary>
/// <remarks>
/// Everything it does is a function of what the explorer chooses: no clock, no random numbers, no other threads. Memory
/// that the code under test reaches through <see cref="ExplorerMemory"/> must not move: native, or pinned.
/// </remarks>
internal abstract class Scenario
{
    private readonly List<ScenarioThread> _threads = [];

    internal IReadOnlyList<ScenarioThread> Threads => _threads;

    /// <summary>A bit for each process that an exploration with kills may kill.</summary>
    internal uint Mortal { get; private set; }

    /// <summary>A bit for each process that the execution has killed; for <see cref="Check"/>.</summary>
    internal uint Dead { get; set; }

    /// <summary>What memory is called in traces.</summary>
    internal Labels Labels { get; } = new();

    /// <summary>Brings everything back to the beginning. Runs before each execution, outside of it.</summary>
    internal abstract void Reset();

    /// <summary>Runs after each complete execution, when all stores are visible. Throws when a promise is broken.</summary>
    internal virtual void Check()
    {
    }

    protected void Thread(string name, int process, Action body) =>
        _threads.Add(new ScenarioThread(name, process, body));

    protected void MayDie(int process) => Mortal |= 1u << process;

    protected static void Require(bool holds, string promise)
    {
        if (!holds)
            throw new BrokenPromise(promise);
    }
}
