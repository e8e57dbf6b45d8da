// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Threads that signal one and the same bit, as repliers do whose slot is used again while they still signal: each counts
/// its word up, fences, signals, and rings. The reactor looks at all words when it has taken the bit.
/// </summary>
internal sealed class SharedBitScenario : ConnectionScenario
{
    private const int Slot = 3;

    private readonly int[] _signals;
    private readonly PinnedWords _words;
    private readonly ulong[] _seen;

    /// <param name="signals">For each signalling thread how often it does.</param>
    internal SharedBitScenario(params int[] signals)
    {
        _signals = signals;
        _words = new PinnedWords(signals.Length);
        _seen = new ulong[signals.Length];
        for (int i = 0; i < signals.Length; i++)
        {
            int index = i;
            Thread($"signaller{i}", ServerProcess, () => Signal(index));
        }

        Thread("reactor", ClientProcess, React);
    }

    private bool HasAll => _seen.Zip(_signals).All(static pair => pair.First == (ulong)pair.Second);

    internal override void Check() => Require(HasAll, "what was written before a signal is seen after it");

    protected override void Begin()
    {
        _words.Clear();
        Array.Clear(_seen);
    }

    private void Signal(int index)
    {
        for (int i = 1; i <= _signals[index]; i++)
        {
            ExplorerMemory.Write(ref _words[index], (ulong)i, Order.ReplyPublish);
            ExplorerMemory.Fence(Order.ReplyWakeFence);
            Server.LaneWriter.Signal(Slot);
            RingIfAsleep(Server, ClientSocket);
        }
    }

    private void React()
    {
        while (!HasAll)
        {
            if (Client.LaneReader.Take() != 0)
            {
                for (int i = 0; i < _seen.Length; i++)
                    _seen[i] = ExplorerMemory.Read(in _words[i], Order.ReplyPublish);
                continue;
            }

            Client.Sleeper.Announce();
            if (!Client.LaneReader.HasSignals(Order.SleepRecheck))
                ClientSocket.Wait();
            Client.Sleeper.Wake();
        }
    }
}
