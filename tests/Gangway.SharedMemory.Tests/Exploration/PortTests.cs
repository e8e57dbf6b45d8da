// SPDX-License-Identifier: MIT

using static Gangway.SharedMemory.Tests.PortAction;

namespace Gangway.SharedMemory.Tests;

/// <summary>No signal is lost or comes twice, no node is linked twice, and no poller sleeps over one that is linked.</summary>
public sealed class PortTests(ITestOutputHelper output)
{
    private static readonly int[] s_one = [0];
    private static readonly int[] s_same = [0, 0];
    private static readonly int[] s_two = [0, 1];

    [Theory]
    [InlineData(None, TriggerMode.Edge, 2, 3)]
    [InlineData(None, TriggerMode.Level, 1, 3)]
    [InlineData(MasksAndUnmasks, TriggerMode.Edge, 1, 2)]
    [InlineData(Masks, TriggerMode.Edge, 1, 2)]
    [InlineData(Closes, TriggerMode.Edge, 1, 2)]
    [InlineData(Closes, TriggerMode.Level, 1, 2)]
    [InlineData(Polls, TriggerMode.Edge, 1, 2)]
    [InlineData(Acknowledges, TriggerMode.Acknowledge, 1, 2)]
    [Rule("SH-01")]
    public void Port_TwoSignallersOfOneSource_LosesNothing(object action, object mode, int each, int preemptions) =>
        new Exploration { Preemptions = preemptions }
            .Exhaust(new PortScenario(s_same, each, (PortAction)action, (TriggerMode)mode))
            .AssertExhausted(output, $"port, one source, {action}, {mode}, {each} each");

    [Theory]
    [InlineData(None, 3, 0)]
    [InlineData(MasksAndUnmasks, 2, 0)]
    [InlineData(Closes, 2, 0)]
    [InlineData(None, 2, 1)]
    [Rule("SH-01")]
    public void Port_TwoSources_LosesNothing(object action, int preemptions, int kills) =>
        new Exploration { Preemptions = preemptions, Kills = kills }.Exhaust(new PortScenario(s_two, 1, (PortAction)action))
            .AssertExhausted(output, $"port, two sources, {action}");

    [Theory]
    [InlineData(MasksAndUnmasks, TriggerMode.Edge, 3)]
    [InlineData(ClosesBesidePoll, TriggerMode.Edge, 2)]
    [InlineData(Acknowledges, TriggerMode.Acknowledge, 3)]
    [Rule("SH-01")]
    public void Port_OneSignallerTwice_LosesNothing(object action, object mode, int preemptions) =>
        new Exploration { Preemptions = preemptions }.Exhaust(new PortScenario(s_one, 2, (PortAction)action, (TriggerMode)mode))
            .AssertExhausted(output, $"port, one source twice, {action}, {mode}");

    [Fact]
    [Rule("SH-01")]
    public void Port_RandomPriorities_LosesNothing()
    {
        int seed = Seed.Take(output).Value;
        new Exploration().Sample(new PortScenario([0, 1, 0, 1], 2, MasksAndUnmasks), seed, TestLevel.Pick(5_000, 20_000, 500_000))
            .AssertNoneFailed(output, "port, two sources of two signallers, random");
    }

    [Theory]
    [InlineData(Order.SourceSignal)]
    [InlineData(Order.PortLink)]
    [Rule("SH-01")]
    public void Port_SwapThatIsNoFence_IsFound(object step) => AssertFound(Mutant.SkipFence((Order)step), None);

    [Theory]
    [InlineData(Order.SourceSignal)]
    [InlineData(Order.SourceTake)]
    [InlineData(Order.PortLink)]
    [Rule("SH-01")]
    public void Port_WithoutSwap_IsFound(object step) => AssertFound(Mutant.Pretend((Order)step), None);

    [Theory]
    [InlineData(Order.PortSleep)]
    [InlineData(Order.PortSleepFence)]
    [Rule("SH-01")]
    public void Port_WithoutStep_IsFound(object step) => AssertFound(Mutant.Skip((Order)step), None);

    [Theory]
    [InlineData(PortFlaw.UnlinksInInbox, None)]
    [InlineData(PortFlaw.TakesBeforeUnlink, None)]
    [InlineData(PortFlaw.LinksWithoutLook, None)]
    [InlineData(PortFlaw.LooksBeforeLink, None)]
    [InlineData(PortFlaw.UnmaskDoesNotLink, MasksAndUnmasks)]
    [InlineData(PortFlaw.MaskDrops, MasksAndUnmasks)]
    [InlineData(PortFlaw.MasksBehindDelivery, Acknowledges)]
    [InlineData(PortFlaw.CloseLeavesPending, ClosesBesidePoll)]
    [Rule("SH-01")]
    public void Port_DoneWrongly_IsFound(object flaw, object action) => AssertFound(null, (PortAction)action, (PortFlaw)flaw);

    /// <summary>The poller finds a node with nothing pending and lets it go; then it is signalled, or not, and closed.</summary>
    [Theory]
    [InlineData(PortFlaw.LooksLateIfClosed)]
    [InlineData(PortFlaw.LooksLateIfLinked)]
    [Rule("SH-01")]
    public void Port_DropsByALaterLook_IsFound(object flaw) => AssertFound(null, ClosesBesidePoll, (PortFlaw)flaw);

    /// <summary>Who links first may be killed between its swap and its look, and then nobody looks for who came second.</summary>
    [Fact]
    [Rule("SH-01")]
    public void Port_OnlyTheFirstLooks_IsFound() =>
        new Exploration { Preemptions = 3, Kills = 1 }.Hunt(new PortScenario(s_two, 1, None, flaw: PortFlaw.FirstLooks))
            .AssertFound(output, "port, FirstLooks");

    private void AssertFound(Mutant? mutant, PortAction action, PortFlaw flaw = PortFlaw.None)
    {
        TriggerMode mode = action == Acknowledges ? TriggerMode.Acknowledge : TriggerMode.Edge;
        int[] sourceOf = action is ClosesBesidePoll or Acknowledges ? s_one : mutant?.Step == Order.PortLink ? s_two : s_same;
        new Exploration { Mutant = mutant, Preemptions = 3 }
            .Hunt(new PortScenario(sourceOf, sourceOf.Length == 1 ? 2 : 1, action, mode, flaw))
            .AssertFound(output, $"port, {mutant?.ToString() ?? flaw.ToString()}");
    }
}
