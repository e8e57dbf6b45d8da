// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// A C program that speaks docs/PROTOCOL.md without our library attacks a server, as another user where we are root. What
/// the attacks are, and which number of the list of abuse tests each is: <c>tests/hostile/README.md</c>.
/// </summary>
public sealed class HostileClientTests(ITestOutputHelper output)
{
    private static double Seconds => TestLevel.Pick(quick: 1, normal: 1, soak: 30);

    [Rule("SE-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("hello-fields", 40)]
    [InlineData("random-packets", 60)]
    [InlineData("wrong-order", 10)]
    [InlineData("bad-header", 10)]
    public void Handshake_Malformed_IsRefusedWithReason(string attack, int refusals)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.InRange(counts.Refused, refusals, long.MaxValue);
        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SE-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("hello-tail", 0)]
    [InlineData("refuse-welcome", 0)]
    [InlineData("kill-steps", 0)]
    [InlineData("stall", 5)]
    [InlineData("connect-flood", 1)]
    public void Handshake_UnfinishedOrStrange_LeavesNothing(string attack, int refusals)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.InRange(counts.Refused, refusals, long.MaxValue);
        Assert.Equal(0, counts.PeerFaults);
    }

    // With a victim beside it, and another client before it: nothing of theirs is in what it can map.
    [Rule("SE-04")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("scan-fresh")]
    [InlineData("scan-replies")]
    public void Memory_ReadByteByByte_HoldsNothingOfOthers(string attack)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SH-03")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("write-server")]
    [InlineData("own-mappings")]
    [InlineData("resize")]
    [InlineData("execute")]
    [InlineData("page-out")]
    public void Memory_TriedByEveryWay_StaysAsItIs(string attack)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.Equal(0, counts.Refused);
        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SH-03")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("holes")]
    [InlineData("early-seals")]
    public void Memory_PunchedOrSealedBeforeGo_IsRefused(string attack)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.InRange(counts.Refused, 1, long.MaxValue);
        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SH-05")]
    [Rule("SE-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("boundaries", 300)]
    [InlineData("ring-ends", 3)]
    [InlineData("flipping", 3)]
    [InlineData("pending-slot", 1)]
    [InlineData("lying-head", 8)]
    [InlineData("noisy-words", 1)]
    [InlineData("not-a-bell", 6)]
    [InlineData("not-the-last-word", 4)]
    public void Connection_PeerLies_EndsWithPeerFault(string attack, int faults)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.InRange(counts.PeerFaults, faults, long.MaxValue);
    }

    [Rule("SH-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("lying-state")]
    [InlineData("hold-all")]
    [InlineData("floods")]
    [InlineData("half-close")]
    [InlineData("kill-busy")]
    [InlineData("late-writer")] // What it scribbles before the server notices may be a fault, or not.
    public void Connection_PeerMisbehaves_DisturbsNobody(string attack) => AttackRun.Run(attack, Seconds, output);

    [Rule("SH-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("noisy-hints")]
    [InlineData("futexes")]
    [InlineData("never-reading")]
    [InlineData("bell-flood")]
    [InlineData("exec-away")]
    [InlineData("stopped")]
    public void Connection_PeerIsANuisanceButLawful_IsNoPeerFault(string attack)
    {
        PeerCounts counts = AttackRun.Run(attack, Seconds, output);

        Assert.Equal(0, counts.PeerFaults);
        Assert.Equal(0, counts.Refused);
    }

    // Positions begin at zero, so passing 2^32 takes 4 GiB of ring: about 5 s, not for a quick run.
    [NeedsFact(Need.Gcc)]
    public void Positions_Past32Bits_KeepOrderAndContent()
    {
        PeerCounts counts = AttackRun.Run("positions", TestLevel.Pick(quick: 1, normal: 5, soak: 5), output);

        Assert.Equal(0, counts.PeerFaults);
    }

    [Rule("SH-05")]
    [NeedsFact(Need.Gcc)]
    public void Scribble_OverTheWholeSegmentAtFullSpeed_EndsWithPeerFaultAndNothingElse()
    {
        PeerCounts counts = AttackRun.Run("scribble", TestLevel.Pick(quick: 2, normal: 5, soak: 120), output);

        Assert.InRange(counts.PeerFaults, 1, long.MaxValue);
    }

    // Without the penalty it is as many as it can: hundreds a second.
    [Rule("SE-03")]
    [NeedsFact(Need.Gcc)]
    public void Scribble_AndComeAgain_HasToWait()
    {
        double seconds = TestLevel.Pick(quick: 2, normal: 3, soak: 120);
        PeerCounts counts = AttackRun.Run("scribble", seconds, output, "--fault-penalty", "250");

        Assert.InRange(counts.PeerFaults, 1, 2 + (long)(seconds / 0.25));
        Assert.InRange(counts.Accepted, 1, 2 + (long)(seconds / 0.25));
    }

    [Rule("SH-04")]
    [NeedsFact(Need.Gcc)]
    public void Descriptors_SentByTheClient_NeverArrive()
    {
        PeerCounts counts = AttackRun.Run("descriptors", Seconds, output);

        Assert.Equal(0, counts.PeerFaults);
    }
}
