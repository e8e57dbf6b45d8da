// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>
/// Threads that signal lanes: each counts its word up, signals its bit, and rings a sleeper. The receiver takes signals,
/// looks at the words that they tell of, and sleeps when it finds none, until it has seen everything.
/// </summary>
internal sealed class LaneTreeScenario : Scenario
{
    private const int SenderProcess = 0;
    private const int ReceiverProcess = 1;

    /// <summary>Behind the line of the sleep word.</summary>
    private const int Offset = 256;

    private readonly (int Lane, int Bit, int Signals)[] _senders;
    private readonly LaneTreeFlaw _flaw;
    private readonly LaneGeometry _geometry;
    private readonly TestSegment _sendersSegment;
    private readonly TestSegment _receiversSegment;
    private readonly FlawedLaneWriter _writer;
    private readonly LaneReader<ExplorerMemory> _reader;
    private readonly Bell<ExplorerMemory> _bell;
    private readonly Sleeper<ExplorerMemory> _sleeper;
    private readonly FakeSocket _socket = new("receiver's socket", SenderProcess);
    private readonly PinnedWords _words;
    private readonly LaneSignal[] _signals;
    private readonly int[] _begun;
    private readonly int[] _done;
    private readonly int[] _delivered;
    private readonly ulong[] _seen;
    private readonly Snapshot _snapshot;

    /// <param name="senders">For each signalling thread its lane, its bit, and how often it signals.</param>
    /// <param name="lanes">How many lanes there are: how deep the tree is.</param>
    /// <param name="budget">How many signals the receiver takes at once.</param>
    /// <param name="flaw">What is done wrong.</param>
    internal LaneTreeScenario(
        (int Lane, int Bit, int Signals)[] senders, int lanes = 256, int budget = 4, LaneTreeFlaw flaw = LaneTreeFlaw.None)
    {
        _senders = senders;
        _flaw = flaw;
        _geometry = LaneGeometry.ForLanes(lanes)!;
        _sendersSegment = new TestSegment(Offset + _geometry.WordBytes, Labels, offset => $"set{Label(offset)}");
        _receiversSegment = new TestSegment(Offset + _geometry.WordBytes, Labels, offset => $"ack{Label(offset)}");
        Segment own = _sendersSegment.Segment;
        Segment peer = _receiversSegment.Segment;
        _writer = new FlawedLaneWriter(own, peer, Offset, _geometry, flaw);
        _reader = new LaneReader<ExplorerMemory>(own, Offset, peer, Offset, _geometry);
        while (_reader.Granted <= senders.Max(static sender => sender.Lane))
            _reader.Grant(uint.MaxValue);
        _bell = new Bell<ExplorerMemory>(peer);
        _sleeper = new Sleeper<ExplorerMemory>(peer);
        _words = new PinnedWords(senders.Length);
        _signals = new LaneSignal[budget];
        _begun = new int[senders.Length];
        _done = new int[senders.Length];
        _delivered = new int[senders.Length];
        _seen = new ulong[senders.Length];
        _sendersSegment.Remember();
        _receiversSegment.Remember();
        _snapshot = new Snapshot(Labels, ("writer", _writer.Real), ("reader", _reader), ("bell", _bell), ("sleeper", _sleeper));
        for (int i = 0; i < senders.Length; i++)
        {
            int index = i;
            Thread($"sender{i}", SenderProcess, () => Send(index));
        }

        Thread("receiver", ReceiverProcess, Receive);
        MayDie(SenderProcess);
    }

    private bool HasAll
    {
        get
        {
            for (int i = 0; i < _senders.Length; i++)
            {
                if (_seen[i] != (ulong)_senders[i].Signals)
                    return false;
            }

            return true;
        }
    }

    internal override void Reset()
    {
        _sendersSegment.Restore();
        _receiversSegment.Restore();
        _snapshot.Restore();
        _writer.Reset();
        _socket.Reset();
        _words.Clear();
        Array.Clear(_begun);
        Array.Clear(_done);
        Array.Clear(_delivered);
        Array.Clear(_seen);
    }

    internal override void Check()
    {
        Require(Dead != 0 || HasAll, "what was written before a signal is seen after it");
        for (int i = 0; i < _senders.Length; i++)
            Require((int)_seen[i] >= _done[i], "a signal that was done before the death is delivered");
    }

    private void Send(int index)
    {
        (int lane, int bit, int signals) = _senders[index];
        for (int i = 1; i <= signals; i++)
        {
            ExplorerMemory.Write(ref _words[index], (ulong)i, Order.RingPayload);
            _begun[index] = i;
            if (_flaw == LaneTreeFlaw.RingsBeforeSignal)
                RingIfAsleep();
            _writer.Signal(lane, 1u << bit);
            _done[index] = i;
            if (_flaw != LaneTreeFlaw.RingsBeforeSignal)
                RingIfAsleep();
        }
    }

    private void RingIfAsleep()
    {
        if (!_bell.MustRing(out uint sleep))
            return;
        _socket.Send();
        _bell.MarkRung(sleep);
    }

    private void Receive()
    {
        while (!HasAll)
        {
            if (Serve() != 0)
                continue;
            _sleeper.Announce();
            bool mustStay = _flaw != LaneTreeFlaw.LastLookWithoutLanes && _reader.HasSignals(Order.SleepRecheck);
            if (!mustStay && !_socket.Wait())
            {
                while (_flaw != LaneTreeFlaw.NoLookAfterDeath && _reader.HasSignals())
                    Serve();
                return;
            }

            _sleeper.Wake();
        }
    }

    private int Serve()
    {
        if (_flaw == LaneTreeFlaw.LooksBeforeTake)
        {
            for (int i = 0; i < _senders.Length; i++)
                _seen[i] = ExplorerMemory.Read(in _words[i], Order.RingPayload);
            return _reader.Take(_signals);
        }

        int taken = _reader.Take(_signals);
        foreach (LaneSignal signal in _signals.AsSpan(0, taken))
            Note(signal);
        return taken;
    }

    /// <summary>Looks at the words of those who may have signalled, and judges the bits.</summary>
    private void Note(LaneSignal signal)
    {
        uint known = 0;
        for (int i = 0; i < _senders.Length; i++)
        {
            (int lane, int bit, _) = _senders[i];
            if (lane != signal.Lane || (signal.Bits >> bit & 1) == 0)
                continue;
            _seen[i] = ExplorerMemory.Read(in _words[i], Order.RingPayload);
            if ((known >> bit & 1) == 0)
                Require(++_delivered[i] <= BegunOf(lane, bit), "no signal is delivered twice");
            known |= 1u << bit;
        }

        Require(known == signal.Bits, "no bit comes that nobody signalled");
    }

    private int BegunOf(int lane, int bit)
    {
        int begun = 0;
        for (int i = 0; i < _senders.Length; i++)
            begun += _senders[i].Lane == lane && _senders[i].Bit == bit ? _begun[i] : 0;
        return begun;
    }

    private string Label(int offset)
    {
        if (offset < Offset)
            return offset == SegmentLayout.SleepOffset ? " sleep" : $"+{offset}";
        int level = _geometry.LaneLevel;
        while (LaneGeometry.Offset(level, 0) > offset - Offset)
            level--;
        return $" {level}/{(offset - Offset - LaneGeometry.Offset(level, 0)) / sizeof(ulong)}";
    }
}
