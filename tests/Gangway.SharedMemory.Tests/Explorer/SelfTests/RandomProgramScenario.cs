// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A random program under the explorer; collects its outcomes.</summary>
internal sealed class RandomProgramScenario : Scenario
{
    private readonly PinnedWords _words = new(RandomProgram.Words);
    private readonly string[] _seen;
    private readonly bool _mayDie;
    private int _events;

    internal RandomProgramScenario(RandomProgram program, bool mayDie)
    {
        _seen = new string[program.Threads.Length];
        _mayDie = mayDie;
        for (int i = 0; i < program.Threads.Length; i++)
        {
            int thread = i;
            Thread($"thread{i}", i, () =>
            {
                foreach (ProgramStep step in program.Threads[thread])
                    Do(thread, step);
            });
        }

        MayDie(0);
    }

    internal SortedSet<string> Outcomes { get; } = [];

    /// <summary>What a thread that may have been killed saw is of no interest: nobody can ask it.</summary>
    internal static string Outcome(string[] seen, int[] memory, int events, bool mayDie) =>
        $"{(mayDie ? "" : seen[0])},{string.Join(',', seen[1..])};{string.Join(',', memory)};{events}";

    internal override void Reset()
    {
        _words.Clear();
        _seen.AsSpan().Fill("");
        _events = 0;
    }

    internal override void Check()
    {
        int[] memory = [.. Enumerable.Range(0, RandomProgram.Words).Select(i => (int)_words[i])];
        Outcomes.Add(Outcome(_seen, memory, _events, _mayDie));
    }

    private void Do(int thread, ProgramStep step)
    {
        Worker self = Explorer.Self();
        ref ulong word = ref _words[step.Word];
        switch (step.Kind)
        {
            case StepKind.Store:
                ExplorerMemory.Write(ref word, (ulong)step.Value, Order.RingPublish);
                break;
            case StepKind.Load:
                _seen[thread] += ExplorerMemory.Read(in word, Order.RingPublish);
                break;
            case StepKind.Fence:
                ExplorerMemory.Fence(Order.BellFence);
                break;
            case StepKind.Swap:
                ulong found = ExplorerMemory.CompareExchange(
                    ref word, (ulong)step.Value, (ulong)step.Value - 1, Order.BatonTake);
                _seen[thread] += found;
                break;
            case StepKind.Signal:
                self.Scheduler.EnterKernel(self, "signal");
                _events++;
                break;
            case StepKind.Count:
                self.Scheduler.EnterKernel(self, "count");
                _seen[thread] += _events;
                break;
            case StepKind.Await:
                Explorer.Park(() => _events != 0, "await");
                break;
            case StepKind.IsDead:
                _seen[thread] += Explorer.IsDead(0) ? 1 : 0;
                break;
        }
    }
}
