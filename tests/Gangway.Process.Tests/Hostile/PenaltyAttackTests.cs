// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// Attacks on a listener with the penalty that it has by default; elsewhere there is none, or an attack in a hundred parts
/// takes minutes. Who attacks is held, and who comes and goes beside it is not.
/// </summary>
public sealed class PenaltyAttackTests(ITestOutputHelper output)
{
    // The last ones have tens or hundreds of parts, each of which has to wait.
    private static readonly string[] s_attacks =
    [
        "ring-ends", "not-a-bell", "not-the-last-word",
        "wrong-order", "bad-header", "lying-head", "flipping",
        "holes", "hello-fields", "random-packets", "boundaries",
    ];

    private static readonly string s_default =
        new ListenerOptions().FaultPenalty.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);

    public static TheoryData<string> Attacks => [.. s_attacks.Take(TestLevel.Pick(quick: 3, normal: 7, soak: s_attacks.Length))];

    [Rule("SE-03")]
    [NeedsTheory(Need.Gcc)]
    [MemberData(nameof(Attacks))]
    public void Attacker_WithTheDefaultPenalty_IsHeldAndNobodyElse(string attack)
    {
        string held = "";
        int neighbours = 0;
        var stop = new CancellationTokenSource();
        Task? comingAndGoing = null;
        PeerCounts counts = AttackRun.Run(
            attack, 1, output, ["--fault-penalty", s_default], asOther: true,
            server => held = server.Ask("held"),
            server => comingAndGoing = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using (Endpoint neighbour = Patient.Connect(server.Address))
                        Assert.True(neighbour.Call(1, [], []).IsOk);
                    neighbours++;
                    Thread.Sleep(5);
                }
            }, stop.Token),
            () =>
            {
                stop.Cancel();
                Watchdog.Run(comingAndGoing!.Wait);
            });

        output.WriteLine($"{held}\n{neighbours} neighbours");
        Assert.True(neighbours > 0);
        Assert.Contains(", process ", held, StringComparison.Ordinal);
        Assert.DoesNotContain($", process {Environment.ProcessId}: ", held, StringComparison.Ordinal);
        Assert.True(counts.PeerFaults + counts.Refused > 1, counts.ToString());
    }
}
