// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// One attack on a server of its own, with a victim connected meanwhile; afterwards everything that the server gave the
/// attacker must be back.
/// </summary>
internal static class AttackRun
{
    /// <summary>The user that attacks when the tests run as root: nobody.</summary>
    public const int OtherUser = 65534;

    /// <summary>Runs it and checks everything but how the server counted it.</summary>
    /// <param name="name">The attack, as <c>hostile list</c> names it.</param>
    /// <param name="seconds">How long the attacks that can last should last.</param>
    /// <param name="output">Where results and seed are printed.</param>
    /// <param name="limits">More options of the server.</param>
    /// <returns>What the server counted meanwhile.</returns>
    public static PeerCounts Run(string name, double seconds, ITestOutputHelper output, params string[] limits) =>
        Run(name, seconds, output, limits, asOther: true);

    /// <summary>The same, by the server's own user if that is wanted, and with a look at the server in the end.</summary>
    /// <param name="name">The attack, as <c>hostile list</c> names it.</param>
    /// <param name="seconds">How long the attacks that can last should last.</param>
    /// <param name="output">Where results and seed are printed.</param>
    /// <param name="limits">More options of the server.</param>
    /// <param name="asOther">Whether it attacks as another user, where we are root.</param>
    /// <param name="look">Looks at the server when the attacker is gone.</param>
    /// <param name="begin">Begins something beside the attack.</param>
    /// <param name="end">Ends it.</param>
    /// <returns>What the server counted meanwhile.</returns>
    public static PeerCounts Run(
        string name, double seconds, ITestOutputHelper output, string[] limits, bool asOther, Action<PeerServer>? look = null,
        Action<PeerServer>? begin = null, Action? end = null)
    {
        Seed seed = Seed.Take(output);
        using var server = new PeerServer([OtherUser], limits);
        using var victim = new Victim(server.Address, seed.Random());
        WarmUp(server, victim);
        ProcessAccounting before = server.Accounting();
        PeerCounts start = server.Counts();

        begin?.Invoke(server);
        int exitCode = Attack(name, server, seconds, seed, output, asOther);

        end?.Invoke();
        Assert.True(server.IsAlive, $"The server ended: {server.Errors}");
        Watchdog.Until(() => server.Counts() is { Connected: 1, Handshaking: 0 }, "the attacker's connections ending");
        server.Ask("collect");
        before.AssertNothingLeft();
        victim.AssertUndisturbed();
        Assert.Equal(0, exitCode);

        look?.Invoke(server);
        PeerCounts last = server.Counts();
        output.WriteLine($"{server.Ask("refusal")}\n{server.Ask("fault")}\nvictim: {victim.Calls} calls");
        if (last.Refused > start.Refused)
        {
            Assert.NotEqual("refusal none", server.Ask("refusal")); // The operator can see why.
        }

        if (last.PeerFaults > start.PeerFaults)
        {
            Assert.NotEqual("fault none", server.Ask("fault"));
        }

        return new PeerCounts(
            last.Accepted - start.Accepted,
            last.Connected,
            last.Handshaking,
            last.Refused - start.Refused,
            last.Abandoned - start.Abandoned,
            last.PeerFaults - start.PeerFaults);
    }

    /// <summary>Starts the attacker and returns its exit code.</summary>
    public static int Attack(
        string name, PeerServer server, double seconds, Seed seed, ITestOutputHelper output, bool asOther = true,
        Action<string>? told = null)
    {
        List<string> arguments = ["--seed", seed.Value.ToString(CultureInfo.InvariantCulture)];
        if (asOther && Environment.UserName == "root")
        {
            arguments.AddRange(["--uid", OtherUser.ToString(CultureInfo.InvariantCulture)]);
        }

        arguments.AddRange(["--seconds", seconds.ToString(CultureInfo.InvariantCulture), server.SocketPath, name]);
        using ChildProcess attacker = ChildProcess.Start(HostilePrograms.Hostile, arguments);
        int results = 0;
        while (Watchdog.Run(attacker.TryReadLine, TimeSpan.FromSeconds(seconds * 10) + (2 * Watchdog.Bound)) is string line)
        {
            output.WriteLine(line);
            told?.Invoke(line);
            results += line.StartsWith("RESULT ", StringComparison.Ordinal) ? 1 : 0;
        }

        int exitCode = attacker.WaitForExit();
        Assert.True(results > 0, $"The attack reported nothing: {attacker.Errors}");
        return exitCode;
    }

    // The first connection of another user, and a first fault, load code that later ones find loaded.
    private static void WarmUp(PeerServer server, Victim victim)
    {
        using ChildProcess honest = ChildProcess.Start(HostilePrograms.Honest, server.SocketPath, "mixed", "200");
        Assert.Contains(honest.ReadToEnd(), static line => line.StartsWith("RESULT honest resisted", StringComparison.Ordinal));
        Assert.Equal(0, honest.WaitForExit());
        Watchdog.Until(() => victim.Calls > 1000, "the victim's first calls");
        Watchdog.Until(() => server.Counts().Connected == 1, "the honest client's connection ending");
    }
}
