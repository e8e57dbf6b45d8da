// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// All outcomes of a random program by the plainest means: every state of a machine with store buffers, a step or a
/// flush at a time, nothing left out.
/// </summary>
internal sealed class ReferenceMachine(RandomProgram program, bool hasBuffers, bool mayDie)
{
    private readonly HashSet<string> _visited = [];
    private readonly SortedSet<string> _outcomes = [];

    internal SortedSet<string> Outcomes()
    {
        Visit(new State(program.Threads.Length));
        return _outcomes;
    }

    private void Visit(State state)
    {
        if (!_visited.Add(state.ToString()))
            return;

        bool isEnd = true;
        for (int i = 0; i < program.Threads.Length; i++)
        {
            if (state.Buffers[i].Count > 0)
            {
                isEnd = false;
                State next = state.Copy();
                next.Flush(i);
                Visit(next);
            }

            bool isStopped = i == 0 && state.IsKilled;
            if (isStopped || state.Place[i] == program.Threads[i].Length)
                continue;
            isEnd = false;
            VisitStep(state, i, program.Threads[i][state.Place[i]]);
        }

        if (mayDie && !state.IsKilled)
        {
            State next = state.Copy();
            next.IsKilled = true;
            Visit(next);
        }

        if (state.IsKilled && !state.IsDead)
        {
            State next = state.Copy();
            next.Drain(0);
            next.IsDead = true;
            Visit(next);
        }

        if (isEnd)
            _outcomes.Add(state.Outcome(mayDie));
    }

    private void VisitStep(State state, int thread, ProgramStep step)
    {
        State next = state.Copy();
        next.Place[thread]++;
        switch (step.Kind)
        {
            case StepKind.Store when hasBuffers:
                next.Buffers[thread].Add((step.Word, step.Value));
                break;
            case StepKind.Store:
                next.Memory[step.Word] = step.Value;
                break;
            case StepKind.Load:
                next.Seen[thread] += next.Load(thread, step.Word);
                break;
            default:
                next.Drain(thread);
                if (step.Kind == StepKind.Await && next.Events == 0)
                    return;
                if (step.Kind == StepKind.Swap)
                {
                    next.Seen[thread] += next.Memory[step.Word];
                    if (next.Memory[step.Word] == step.Value - 1)
                        next.Memory[step.Word] = step.Value;
                }

                if (step.Kind == StepKind.Signal)
                    next.Events++;
                if (step.Kind == StepKind.Count)
                    next.Seen[thread] += next.Events;
                if (step.Kind == StepKind.IsDead)
                    next.Seen[thread] += next.IsDead ? 1 : 0;
                break;
        }

        Visit(next);
    }

    private sealed class State
    {
        internal State(int threads)
        {
            Place = new int[threads];
            Seen = Enumerable.Repeat("", threads).ToArray();
            Buffers = [.. Enumerable.Range(0, threads).Select(_ => new List<(int, int)>())];
        }

        internal int[] Place { get; private init; }

        internal string[] Seen { get; private init; }

        internal List<(int Word, int Value)>[] Buffers { get; private init; }

        internal int[] Memory { get; private init; } = new int[RandomProgram.Words];

        internal int Events { get; set; }

        internal bool IsKilled { get; set; }

        internal bool IsDead { get; set; }

        internal State Copy() => new(0)
        {
            Place = [.. Place],
            Seen = [.. Seen],
            Buffers = [.. Buffers.Select(buffer => new List<(int, int)>(buffer))],
            Memory = [.. Memory],
            Events = Events,
            IsKilled = IsKilled,
            IsDead = IsDead,
        };

        internal int Load(int thread, int word)
        {
            int last = Buffers[thread].FindLastIndex(store => store.Word == word);
            return last < 0 ? Memory[word] : Buffers[thread][last].Value;
        }

        internal void Flush(int thread)
        {
            (int word, int value) = Buffers[thread][0];
            Buffers[thread].RemoveAt(0);
            Memory[word] = value;
        }

        internal void Drain(int thread)
        {
            while (Buffers[thread].Count > 0)
                Flush(thread);
        }

        internal string Outcome(bool mayDie) => RandomProgramScenario.Outcome(Seen, Memory, Events, mayDie);

        public override string ToString() =>
            $"{string.Join(',', Place)};{string.Join(',', Seen)};{string.Join(',', Memory)};{Events}{IsKilled}{IsDead};"
            + string.Join('|', Buffers.Select(buffer => string.Join(',', buffer)));
    }
}
