// SPDX-License-Identifier: MIT

using Gangway.Bench.Calls;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What does each way to run a handler cost, and what does a slow handler do to other clients?</summary>
internal static class Dispatching
{
    private const int SlowMicroseconds = 1500;
    private const int VerySlowMicroseconds = 10_000_000;

    /// <summary>Prints all <c>dispatch.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        double others = Neighbours.Look();
        using var scratch = new ScratchDirectory();
        using Child server = Child.Start(Placement.Unpinned.Server, Role.Server, Mechanism.Neighbour, scratch.Path);
        string address = server.Listen();
        using Child slow = StartClient(address);
        using Child neighbour = StartClient(address);
        RoundTrips(effort, neighbour);
        Slow(effort, server, slow, neighbour);
        Figures.Value("dispatch.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
    }

    private static Child StartClient(string address)
    {
        Child client = Child.Start(Placement.Unpinned.Client, Role.Client, Mechanism.Neighbour, address);
        client.Listen();
        return client;
    }

    private static void RoundTrips(Effort effort, Child client)
    {
        Progress.Say("rounds, a call dispatched in each way");
        (string Name, uint Operation, Series Series)[] ways =
        [
            ("inline", FleetHandler.Echo, new Series()),
            ("strand", FleetHandler.EchoOnStrand, new Series()),
            ("concurrent", FleetHandler.EchoConcurrent, new Series()),
        ];
        foreach ((_, uint operation, _) in ways)
        {
            Ask(client, $"echo {operation} {effort.WarmUp.TotalMilliseconds:F0}");
        }

        for (int round = 0; round < effort.Rounds; round++)
        {
            foreach ((_, uint operation, Series series) in ways)
            {
                series.Add(Ask(client, $"echo {operation} {effort.Round.TotalMilliseconds:F0}"));
            }
        }

        foreach ((string name, _, Series series) in ways)
        {
            Figures.Ns($"dispatch.{name}.p50", series.P50Ns);
        }
    }

    private static void Slow(Effort effort, Child server, Child slow, Child neighbour)
    {
        bool isCounted = server.Ask("has takeovers") == "yes";
        double takeovers = isCounted ? server.AskNumber("counter takeovers") : 0;
        double watchMs = effort.Idle.TotalMilliseconds;

        Progress.Say("neighbour, nobody is slow");
        Watch(neighbour, "alone", watchMs);

        Progress.Say($"neighbour, another client's handler takes {SlowMicroseconds} us on each call");
        slow.Tell(FormattableString.Invariant($"slow {SlowMicroseconds} {watchMs:F0}"));
        Watch(neighbour, "slow1500us", watchMs);
        Measurement.Parse(slow.Listen());

        Progress.Say("neighbour, another client's handler takes 10 s");
        slow.Tell(FormattableString.Invariant($"slow {VerySlowMicroseconds} 0"));
        Watch(neighbour, "slow10s", (VerySlowMicroseconds / 1000) - 500);
        Measurement.Parse(slow.Listen());

        if (isCounted)
        {
            Figures.Value("dispatch.takeovers", server.AskNumber("counter takeovers") - takeovers, "F0", "takeovers");
        }
        else
        {
            Progress.Say("dispatch.takeovers needs Listener.ReactorStatistics: not printed");
        }
    }

    private static void Watch(Child neighbour, string name, double milliseconds)
    {
        Measurement watched = Ask(neighbour, $"watch {milliseconds:F0}");
        Figures.Ns($"dispatch.{name}.neighbour.p50", watched.P50Ns);
        Figures.Ns($"dispatch.{name}.neighbour.p99", watched.P99Ns);
        Figures.Ns($"dispatch.{name}.neighbour.max", neighbour.AskNumber("counter longest"));
        Figures.Value($"dispatch.{name}.neighbours_delayed", neighbour.AskNumber("counter delayed"), "F0", "calls");
    }

    private static Measurement Ask(Child client, FormattableString command) =>
        Measurement.Parse(client.Ask(FormattableString.Invariant(command)));
}
