// SPDX-License-Identifier: MIT

using System.Numerics;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Many threads signal, one takes: no bit is lost or delivered twice.</summary>
public sealed class LaneTreeThreadsTests(ITestOutputHelper output)
{
    private const int Senders = 8;
    private const int SignalsEach = 20_000;

    // Of the 32 bits of each lane a sender has four. The first it signals only when it was delivered before: so it must
    // come exactly as often. The others it signals at any time: they come at most as often, and after the last signal.
    private const int BitsEach = 4;

    [Theory]
    [InlineData(256, 8)]
    [InlineData(8192, 3)]
    [InlineData(262_144, 64)]
    [Rule("EV-02")]
    public void EightSenders_OwnBits_LoseNoneAndGetNoneTwice(int lanes, int budget)
    {
        using var tree = new LaneTree(lanes);
        Seed seed = Seed.Take(output);
        int[] busy = [.. seed.Random().GetItems(Enumerable.Range(0, lanes).ToArray(), 24).Distinct()];
        var board = new Board(lanes, busy);

        Thread[] senders = new Thread[Senders];
        for (int i = 0; i < Senders; i++)
        {
            int sender = i;
            Random random = seed.Random(1 + i);
            senders[i] = new Thread(() => Send(tree, board, sender, random)) { IsBackground = true, Name = $"sender {i}" };
            senders[i].Start();
        }

        Watchdog.Run(() => Receive(tree, board, senders, budget));
        foreach (Thread sender in senders)
            Watchdog.Join(sender);
        Assert.Empty(tree.TakeAll());
        board.CheckEnd();
    }

    private static void Send(LaneTree tree, Board board, int sender, Random random)
    {
        for (int i = 0; i < SignalsEach; i++)
        {
            int place = random.Next(board.Lanes.Length);
            int bit = sender * BitsEach + random.Next(BitsEach);
            int cell = place * 32 + bit;
            if (bit % BitsEach == 0 && Volatile.Read(ref board.Delivered[cell]) != board.Signalled[cell])
                continue;
            Volatile.Write(ref board.Signalled[cell], board.Signalled[cell] + 1);
            tree.Writer.Signal(board.Lanes[place], 1u << bit);
        }
    }

    private static void Receive(LaneTree tree, Board board, Thread[] senders, int budget)
    {
        var signals = new LaneSignal[budget];
        while (true)
        {
            bool mayBeLast = Array.TrueForAll(senders, static sender => !sender.IsAlive);
            int taken = tree.Reader.Take(signals);
            foreach (LaneSignal signal in signals.AsSpan(0, taken))
                board.Note(signal);
            if (taken == 0 && !tree.Reader.HasSignals())
            {
                if (mayBeLast)
                    return;
                Thread.Yield();
            }
        }
    }

    /// <summary>For each bit of each busy lane: how often it was signalled, delivered, and what the receiver saw then.</summary>
    private sealed class Board(int lanes, int[] busy)
    {
        private readonly int[] _places = Places(lanes, busy);
        private readonly int[] _seen = new int[busy.Length * 32];

        internal int[] Lanes => busy;

        internal int[] Signalled { get; } = new int[busy.Length * 32];

        internal int[] Delivered { get; } = new int[busy.Length * 32];

        internal void Note(LaneSignal signal)
        {
            int place = _places[signal.Lane];
            Assert.True(place >= 0, $"lane {signal.Lane} was not signalled");
            for (uint rest = signal.Bits; rest != 0; rest &= rest - 1)
            {
                int cell = place * 32 + BitOperations.TrailingZeroCount(rest);
                _seen[cell] = Volatile.Read(ref Signalled[cell]);
                int delivered = Delivered[cell] + 1;
                if (delivered > _seen[cell])
                    Assert.Fail($"lane {signal.Lane}: delivered {delivered} times, signalled {_seen[cell]} times");
                Volatile.Write(ref Delivered[cell], delivered);
            }
        }

        internal void CheckEnd()
        {
            Assert.Equal(Signalled, _seen);
            int exact = 0;
            for (int cell = 0; cell < Signalled.Length; cell += BitsEach)
            {
                Assert.Equal(Signalled[cell], Delivered[cell]);
                exact += Signalled[cell];
            }

            Assert.True(exact > Senders * busy.Length / 2, $"{exact} signals of first bits: too few");
        }

        private static int[] Places(int lanes, int[] busy)
        {
            int[] places = new int[lanes];
            Array.Fill(places, -1);
            for (int i = 0; i < busy.Length; i++)
                places[busy[i]] = i;
            return places;
        }
    }
}
