// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The small parts that reactors and callers wait with.</summary>
public sealed class ReactorPartsTests(ITestOutputHelper output)
{
    [Fact]
    public void Table_RandomProgram_FindsWhatIsThereAndNothingLate()
    {
        Random random = Seed.Take(output).Random();
        var table = new ReactorTable();
        var living = new List<(ReactorToken Token, object Entry)>();
        var dead = new List<ReactorToken>();
        var all = new HashSet<ReactorToken>();
        for (int i = 0; i < 20_000; i++)
        {
            if (living.Count == 0 || random.Next(2) == 0)
            {
                object entry = new();
                ReactorToken token = table.Add(entry);
                Assert.True(all.Add(token), "a token came twice");
                Assert.True(token.Index >= 0 && token != default);
                living.Add((token, entry));
            }
            else
            {
                int index = random.Next(living.Count);
                table.Remove(living[index].Token);
                table.Remove(living[index].Token);
                dead.Add(living[index].Token);
                living.RemoveAt(index);
            }

            if (living.Count != 0)
            {
                (ReactorToken token, object entry) = living[random.Next(living.Count)];
                Assert.Same(entry, table.Find(token));
            }

            if (dead.Count != 0)
                Assert.Null(table.Find(dead[random.Next(dead.Count)]));
        }

        Assert.Equal(living.Count, table.All<object>().Count);
        Assert.Empty(table.All<string>());
    }

    [Fact]
    public void Table_TokensThatAreNobodys_FindNothing()
    {
        var table = new ReactorTable();
        ReactorToken token = table.Add("entry");
        Assert.Null(table.Find(default));
        Assert.Equal(-1, default(ReactorToken).Index);
        Assert.Null(table.Find(new ReactorToken(token.Index + 1, 1)));
        Assert.Null(table.Find(new ReactorToken(ulong.MaxValue)));
        Assert.Null(table.Find(new ReactorToken(token.Value + (1ul << 32))));
        Assert.Null(table.Find(new ReactorToken(token.Value - (1ul << 32))));
        Assert.Equal("entry", table.Find(new ReactorToken(token.Value)));
    }

    [Fact]
    public void WaitHistory_AfterALongWait_PollsAgainAfterAShortOne()
    {
        var history = new WaitHistory();
        Assert.True(history.PollingPays);
        history.Note(long.MaxValue);
        Assert.False(history.PollingPays);
        history.Note(0);
        Assert.True(history.PollingPays);
        history.Note(10 * 50_000 + 1);
        Assert.False(history.PollingPays);
    }

    [Fact]
    public void WakeCost_WhateverIsObserved_StaysBetweenItsBounds()
    {
        Random random = Seed.Take(output).Random();
        long[] extremes = [0, -1, long.MinValue / 2, 1, 4_999, 5_000, 50_000, 50_001, long.MaxValue / 2];
        for (int i = 0; i < 1_000; i++)
        {
            WakeCost.Observe(random.Next(2) == 0 ? extremes[random.Next(extremes.Length)] : random.Next(200_000));
            Assert.InRange(WakeCost.Nanoseconds, 5_000, 50_000);
        }

        WakeCost.Observe(0);
        Assert.Equal(5_000, WakeCost.Nanoseconds);
        WakeCost.Observe(20_000);
        Assert.InRange(WakeCost.Nanoseconds, 5_001, 10_000);
        for (int i = 0; i < 5_000; i++)
            WakeCost.Observe(50_000);
        Assert.InRange(WakeCost.Nanoseconds, 45_000, 50_000);
        WakeCost.Observe(7_000);
        Assert.Equal(7_000, WakeCost.Nanoseconds);
    }

    // A time in the past makes a yield look slow: what another program on this processor does.
    [Fact]
    public void YieldGuard_AfterSlowYields_BansForTwiceAsManyWaitsEachTime() => Watchdog.Run(() =>
    {
        Assert.True(YieldGuard.BeginWait());
        for (int ban = 64; ban <= 65_536; ban *= 2)
            AssertBan(ban);
        AssertBan(65_536);
        AssertBan(65_536);

        static void AssertBan(int waits)
        {
            long before = Deadline.Now - 60_000;
            Assert.False(YieldGuard.TryYield(ref before));
            for (int i = 0; i < waits; i++)
                Assert.False(YieldGuard.BeginWait(), $"wait {i} of {waits}");
            Assert.True(YieldGuard.BeginWait());
        }
    });

    [Fact]
    public void YieldGuard_AfterManyQuickYields_Forgives() => Watchdog.Run(() =>
    {
        for (int i = 0; i < 4; i++)
        {
            long past = Deadline.Now - 60_000;
            YieldGuard.TryYield(ref past);
        }

        while (!YieldGuard.BeginWait())
        {
        }

        // A time in the future makes every yield look quick, also on a machine where none is.
        for (int i = 0; i < 4096; i++)
        {
            long future = Deadline.Now + 1_000_000_000;
            Assert.True(YieldGuard.TryYield(ref future));
        }

        // One slow one is a visit, and ends its own wait only. The next stays.
        long slow = Deadline.Now - 60_000;
        Assert.False(YieldGuard.TryYield(ref slow));
        Assert.True(YieldGuard.BeginWait());
        slow = Deadline.Now - 60_000;
        Assert.False(YieldGuard.TryYield(ref slow));
        int banned = 0;
        while (!YieldGuard.BeginWait())
            banned++;
        Assert.Equal(64, banned);

        // A whole slice is no visit, however many were quick before.
        for (int i = 0; i < 4096; i++)
        {
            long future = Deadline.Now + 1_000_000_000;
            Assert.True(YieldGuard.TryYield(ref future));
        }

        slow = Deadline.Now - 3_000_000;
        Assert.False(YieldGuard.TryYield(ref slow));
        Assert.False(YieldGuard.BeginWait());
    });

    [Fact]
    public void Ladder_ThatMayNotPoll_GoesToSleepAtOnce()
    {
        var ladder = new Ladder(mayPoll: false);
        Assert.Equal((-1, 0L), (ladder.Cpu, ladder.Start));
        Assert.False(ladder.TryClimb(peerCpu: -1));
        Assert.True(ladder.Cpu >= 0);
        Assert.True(ladder.Start > 0);
        Assert.False(ladder.TellsWakeCost); // Nobody knows where the peer was: perhaps here.

        ladder = new Ladder(mayPoll: false);
        Assert.False(ladder.TryClimb(peerCpu: int.MaxValue));
        Assert.True(ladder.TellsWakeCost);
    }

    [Fact]
    public void Ladder_ThatMayPoll_ClimbsForAboutAWakeUpAndEnds() => Watchdog.Run(() =>
    {
        var ladder = new Ladder(mayPoll: true);
        long looks = 0;
        while (ladder.TryClimb(peerCpu: -1))
            looks++;
        Assert.True(looks > 0);
        Assert.True(Deadline.Now - ladder.Start >= WakeCost.Nanoseconds);
    });

    // Whatever processor a peer says it is on: no exception, and an end.
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [Rule("SH-05")]
    public void Ladder_WithAnyWordOfThePeer_Ends(int peerCpu) => Watchdog.Run(() =>
    {
        for (int i = 0; i < 50; i++)
        {
            var ladder = new Ladder(mayPoll: i % 2 == 0);
            while (ladder.TryClimb(peerCpu))
            {
            }

            Assert.True(ladder.Cpu >= 0);
        }
    });

    [Fact]
    [Rule("CA-01")]
    public void TransactionTable_TakesEachGenerationOnceAndAnswersItOnce()
    {
        var table = new TransactionTable(4);
        Delivery delivery = Delivery.Rent();
        Assert.False(table.TryBegin(-1, 1, delivery));
        Assert.False(table.TryBegin(4, 1, delivery));
        Assert.False(table.TryBegin(int.MaxValue, 1, delivery));
        Assert.False(table.TryBegin(0, 0, delivery));
        Assert.True(table.TryBegin(0, 5, delivery));
        Assert.False(table.TryBegin(0, 6, delivery), "it is pending");
        Assert.False(Answer(table, 0, 4));
        Assert.False(Answer(table, 0, 6));
        Assert.True(Answer(table, 0, 5));
        Assert.False(Answer(table, 0, 5));
        Assert.False(table.TryBegin(0, 5, delivery), "it is old");
        Assert.False(table.TryBegin(0, 4, delivery), "it is old");
        Assert.True(table.TryBegin(0, 6, delivery));
        Assert.True(table.TryBegin(3, (1UL << 48) - 1, delivery));
        Assert.True(Answer(table, 3, (1UL << 48) - 1));
        Assert.False(table.TryBegin(3, (1UL << 48) - 1, delivery));
    }

    private static bool Answer(TransactionTable table, int slot, ulong generation)
    {
        if (!table.TryAnswer(slot, generation))
            return false;
        Assert.False(table.TryAnswer(slot, generation), "somebody answers it");
        Assert.Null(table.EndAnswer(slot, generation));
        return true;
    }
}
