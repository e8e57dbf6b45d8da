// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How long does a blocking call of 64 bytes take, beside the floor and beside what .NET has?</summary>
internal static class RoundTrip
{
    /// <summary>Prints all <c>rtt.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        Unpinned(effort);
        SameCore(effort);
        CrossCore(effort);
    }

    private static void Unpinned(Effort effort)
    {
        using Pair line = Pair.Start(Mechanism.Line, Placement.Unpinned, effort.WarmUp);
        using Pair call = Pair.Start(Mechanism.Call, Placement.Unpinned, 3 * effort.WarmUp);
        using Pair callAsync = Pair.Start(Mechanism.CallAsync, Placement.Unpinned, 3 * effort.WarmUp);
        using Pair uds = Pair.Start(Mechanism.UnixSocket, Placement.Unpinned, effort.WarmUp);
        using Pair udsAsync = Pair.Start(Mechanism.UnixSocketAsync, Placement.Unpinned, effort.WarmUp);
        using Pair pipe = Pair.Start(Mechanism.Pipe, Placement.Unpinned, effort.WarmUp);
        using Pair tcp = Pair.Start(Mechanism.Tcp, Placement.Unpinned, effort.WarmUp);

        double others = Neighbours.Look();
        Progress.Say("rounds, unpinned");
        Series[] series = Series.Interleave(effort.Rounds, effort.Round, line, call, uds, udsAsync, pipe, tcp, callAsync);
        Figures.Value("rtt.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
        Figures.Ns("rtt.clock_cost", call.Client.AskNumber("clock"));
        Figures.Ns("rtt.floor.p50", series[0].P50Ns);
        Figures.Ns("rtt.call.p50", series[1].P50Ns);
        Figures.Ns("rtt.call.p99", series[1].P99Ns);
        Figures.Ratio("rtt.call_over_floor", series[1].P50Ns / series[0].P50Ns);
        Figures.Ns("rtt.uds.p50", series[2].P50Ns);
        Figures.Ns("rtt.udsasync.p50", series[3].P50Ns);
        Figures.Ns("rtt.pipe.p50", series[4].P50Ns);
        Figures.Ns("rtt.tcp.p50", series[5].P50Ns);
        Figures.Ratio("rtt.uds_over_call", series[2].P50Ns / series[1].P50Ns);
        Figures.Ns("rtt.callasync.p50", series[6].P50Ns);
        Figures.Ns("rtt.callasync.p99", series[6].P99Ns);
        Figures.Ratio("rtt.callasync_over_call", series[6].P50Ns / series[1].P50Ns);
        Pipelined(effort, callAsync);
        Paced(effort, call, uds);
    }

    private static void Pipelined(Effort effort, Pair pair)
    {
        const int Window = 64;
        Progress.Say($"rounds, {Window} awaited calls outstanding");
        var polled = new Series();
        var one = new Series();
        var many = new Series();

        // What a method does is compiled again when the runtime has watched it, by a thread that takes a processor.
        for (int i = 0; i < 3; i++)
        {
            RunWindow(pair, Window, effort.WarmUp);
            RunWindow(pair, 1, effort.WarmUp);
        }

        for (int round = 0; round < effort.Rounds; round++)
        {
            // One at a time from a thread of its own, which polls; then on the library's loop, as the many.
            polled.Add(pair.Run(effort.Round));
            one.Add(RunWindow(pair, 1, effort.Round));
            many.Add(RunWindow(pair, Window, effort.Round));
        }

        Figures.Rate("rtt.pipelined.polled1", polled.PerSecond, "calls");
        Figures.Rate("rtt.pipelined.window1", one.PerSecond, "calls");
        Figures.Rate("rtt.pipelined.window64", many.PerSecond, "calls");
        Figures.Ratio("rtt.pipelined_gain", many.PerSecond / polled.PerSecond);
        Figures.Ratio("rtt.pipelined_over_loop1", many.PerSecond / one.PerSecond);
    }

    private static Measurement RunWindow(Pair pair, int window, TimeSpan duration) =>
        Measurement.Parse(pair.Client.Ask(FormattableString.Invariant($"window {window} {duration.TotalMilliseconds:F0}")));

    private static void Paced(Effort effort, Pair call, Pair uds)
    {
        Progress.Say("rounds, one call each millisecond");
        var callSeries = new Series();
        var udsSeries = new Series();
        TimeSpan callCpu = default;
        TimeSpan udsCpu = default;
        for (int round = 0; round < effort.Rounds; round++)
        {
            callCpu += PacedRound(effort, call, callSeries);
            udsCpu += PacedRound(effort, uds, udsSeries);
        }

        Figures.Ns("rtt.paced.call.p50", callSeries.P50Ns);
        Figures.Ns("rtt.paced.uds.p50", udsSeries.P50Ns);
        Figures.Ratio("rtt.paced.call_over_uds", callSeries.P50Ns / udsSeries.P50Ns);
        Figures.Value("rtt.paced.cpu_percent", 100 * (callCpu / callSeries.Elapsed), "F2", "percent");
        Figures.Value("rtt.paced.uds.cpu_percent", 100 * (udsCpu / udsSeries.Elapsed), "F2", "percent");
    }

    private static TimeSpan PacedRound(Effort effort, Pair pair, Series series)
    {
        TimeSpan before = pair.CpuTime();
        series.Add(pair.RunPaced(effort.PacedCalls));
        return pair.CpuTime() - before;
    }

    private static void SameCore(Effort effort)
    {
        using Pair futex = Pair.Start(Mechanism.Futex, Placement.SameCore, effort.WarmUp);
        using Pair call = Pair.Start(Mechanism.Call, Placement.SameCore, 3 * effort.WarmUp);

        using Pair uds = Pair.Start(Mechanism.UnixSocket, Placement.SameCore, effort.WarmUp);

        Progress.Say("rounds, same core");
        Series[] alone = Series.Interleave(effort.Rounds, effort.Round, futex, call, uds);
        Figures.Ns("rtt.samecore.futex.p50", alone[0].P50Ns);
        Figures.Ns("rtt.samecore.call.p50", alone[1].P50Ns);
        Figures.Ns("rtt.samecore.call.p99", alone[1].P99Ns);
        Figures.Ns("rtt.samecore.uds.p50", alone[2].P50Ns);
        Figures.Ratio("rtt.samecore.call_over_futex", alone[1].P50Ns / alone[0].P50Ns);
        Figures.Ratio("rtt.samecore.uds_over_call", alone[2].P50Ns / alone[1].P50Ns);
        BesideHog(effort, "rtt.hog", "same core beside a hog", futex, call);
    }

    private static void CrossCore(Effort effort)
    {
        using Pair line = Pair.Start(Mechanism.Line, Placement.CrossCore, effort.WarmUp);
        using Pair futex = Pair.Start(Mechanism.Futex, Placement.CrossCore, effort.WarmUp);
        using Pair call = Pair.Start(Mechanism.Call, Placement.CrossCore, 3 * effort.WarmUp);
        using Pair uds = Pair.Start(Mechanism.UnixSocket, Placement.CrossCore, effort.WarmUp);

        Progress.Say("rounds, a core each");
        Series[] alone = Series.Interleave(effort.Rounds, effort.Round, line, futex, call, uds);
        Figures.Ns("rtt.cross.floor.p50", alone[0].P50Ns);
        Figures.Ns("rtt.cross.futex.p50", alone[1].P50Ns);
        Figures.Ns("rtt.cross.call.p50", alone[2].P50Ns);
        Figures.Ns("rtt.cross.call.p99", alone[2].P99Ns);
        Figures.Ns("rtt.cross.uds.p50", alone[3].P50Ns);
        Figures.Ratio("rtt.cross.call_over_floor", alone[2].P50Ns / alone[0].P50Ns);
        Figures.Ratio("rtt.cross.uds_over_call", alone[3].P50Ns / alone[2].P50Ns);
        BesideHog(effort, "rtt.hog.cross", "a core each, a hog on the client's", futex, call);
    }

    private static void BesideHog(Effort effort, string name, string arrangement, Pair futex, Pair call)
    {
        Progress.Say($"rounds, {arrangement}");
        using var hog = new Hog(Placement.SameCore.Client);
        Series.Interleave(1, effort.BusyRound, futex, call);
        Series[] busy = Series.Interleave(effort.Rounds, effort.BusyRound, futex, call);
        Figures.Ns($"{name}.futex.p50", busy[0].P50Ns);
        Figures.Ns($"{name}.call.p50", busy[1].P50Ns);
        Figures.Ns($"{name}.call.p99", busy[1].P99Ns);
        Figures.Ratio($"{name}.call_over_futex", busy[1].P50Ns / busy[0].P50Ns);
        Figures.Rate($"{name}.futex.rate", busy[0].PerSecond, "calls");
        Figures.Rate($"{name}.call.rate", busy[1].PerSecond, "calls");
        Figures.Ratio($"{name}.rate_over_futex", busy[1].PerSecond / busy[0].PerSecond);
    }
}
