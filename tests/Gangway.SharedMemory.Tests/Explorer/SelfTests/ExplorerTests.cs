// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What the explorer says about failures, and when it is not done.</summary>
public sealed class ExplorerTests(ITestOutputHelper output)
{
    [Fact]
    public void Replay_OfAPrintedSchedule_FailsInTheSameWay()
    {
        Exploration exploration = new() { Mutant = Mutant.Skip(Order.SleepFence) };
        ExplorationResult found = exploration.Hunt(new ToyRing(2));
        found.AssertFound(output, "toy ring");

        Schedule schedule = Schedule.Parse(found.Schedule!.ToString());
        ExplorationResult again = exploration.Replay(new ToyRing(2), schedule);

        Assert.Equal(found.Failure, again.Failure);
        Assert.Equal(found.Trace, again.Trace);
        Assert.Contains(again.Trace, line => line.Contains("SleepRecheck: tail = 0", StringComparison.Ordinal));
        Assert.Null(new Exploration().Replay(new ToyRing(2), new Schedule([])).Failure);
    }

    [Fact]
    public void Replay_OfAScheduleThatDoesNotFit_SaysSo() =>
        Assert.Throws<InvalidOperationException>(() => new Exploration().Replay(new ToyRing(1), Schedule.Parse("3>7")));

    [Fact]
    public void Schedule_ThatIsNone_IsRefused() => Assert.Throws<FormatException>(() => Schedule.Parse("12>1 nonsense"));

    [Fact]
    public void Exploration_Interrupted_SaysNotExhausted()
    {
        ExplorationResult result = new Exploration { ExecutionsMax = 10 }.Exhaust(new ToyRing(2));
        Assert.False(result.IsExhausted);
        Assert.EndsWith("NOT EXHAUSTED", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ThreadThatPollsForEver_IsFound() => AssertFound("do the threads make progress", new TinyScenario(
        me =>
        {
            while (me.Read(0) == 0)
            {
            }
        }));

    [Fact]
    public void ThreadThatNobodyWakes_IsFound() => AssertFound("blocked for ever", new TinyScenario(
        me => me.Futex.Wait(ref me.Word32(0), 0),
        me => me.Write(0, 1)));

    [Fact]
    public void ThreadThatThrows_IsFound() => AssertFound("thread1: FormatException", new TinyScenario(
        me => me.Futex.Wait(ref me.Word32(0), 0),
        me => throw new FormatException(me.Read(1) == 0 ? "thrown" : "other")));

    [Fact]
    public void FutexWake_BehindTheStore_LosesNothing() =>
        new Exploration { Preemptions = 5, NeedlessWakes = 1 }.Exhaust(new TinyScenario(Wait, me =>
        {
            me.Write(0, 1);
            me.Futex.Wake(ref me.Word32(0), 1);
        })).AssertExhausted(output, "futex");

    [Fact]
    public void FutexWake_BeforeTheStore_IsFound() => AssertFound("blocked for ever", new TinyScenario(Wait, me =>
    {
        me.Futex.Wake(ref me.Word32(0), 1);
        me.Write(0, 1);
    }));

    [Fact]
    public void ScenarioThatDependsOnChance_IsFound()
    {
        int runs = 0;
        TinyScenario scenario = new(
            me =>
            {
                for (int i = 0; i < 3 + runs % 2; i++)
                    me.Write(0, me.Read(0) + 1);
                runs++;
            },
            me => me.Write(0, me.Read(0) + 1));
        ExplorationResult result = new Exploration().Exhaust(scenario);
        Assert.Contains("not deterministic", result.Failure, StringComparison.Ordinal);
    }

    private static void Wait(TinyScenario me)
    {
        while (me.Read(0) == 0)
            me.Futex.Wait(ref me.Word32(0), 0);
    }

    private void AssertFound(string failure, Scenario scenario)
    {
        ExplorationResult result = new Exploration().Exhaust(scenario);
        result.AssertFound(output, failure);
        Assert.Contains(failure, result.Failure, StringComparison.Ordinal);
    }
}
