// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>A C program asks for operations that the listener's policy does not permit it, in every way.</summary>
public sealed class PermitAttackTests(ITestOutputHelper output)
{
    private const int ForbiddenMessages = 2; // One whose sender waits for its end, one whose sender leaves at once.

    [Rule("SE-02")]
    [Rule("SE-05")]
    [NeedsFact(Need.Gcc)]
    public void Operations_ThatNobodyMayUse_ReachNoHandlerOfTheOwnUser() => Attack(asOther: false, OwnUser());

    [Rule("SE-02")]
    [Rule("SE-05")]
    [NeedsFact(Need.Gcc | Need.Root)]
    public void Operations_OfTheOwnUserOnly_ReachNoHandlerOfAnother() => Attack(asOther: true, AttackRun.OtherUser);

    // The victim beside it is checked by the run.
    private void Attack(bool asOther, int user)
    {
        string fault = "", handled = "";
        PeerCounts counts = AttackRun.Run(
            "forbidden", TestLevel.Pick(quick: 1, normal: 1, soak: 30), output, ["--permit", Text(OwnUser())], asOther,
            server => (fault, handled) = (server.Ask("fault"), server.Ask("handled")));

        output.WriteLine(handled);
        Assert.Equal("0", handled.Split(' ')[3]);
        Assert.Equal(ForbiddenMessages, counts.PeerFaults);
        Assert.Equal(0, counts.Refused);
        Assert.Contains($"a message of operation 7, which user {Text(user)} is not permitted", fault, StringComparison.Ordinal);
    }

    private static int OwnUser() => int.Parse(
        File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2],
        CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
