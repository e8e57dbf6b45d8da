// SPDX-License-Identifier: MIT

using Gangway.Bench.Calls;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>What does a call inside a process cost, beside calling a delegate? How long is an endpoint without a connection?</summary>
internal static class Calls
{
    /// <summary>Prints all <c>calls.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        double others = Neighbours.Look();
        using var inside = new InProcessWork();
        using var floor = new DelegateWork();
        using var leaving = new InProcessWork(TimeSpan.FromMinutes(10));

        Progress.Say("rounds, calls inside the process");
        Series[] series = Series.Interleave(effort, inside, floor, leaving);
        Figures.Value("calls.others_cpu_percent", Math.Max(others, Neighbours.Look()), "F0", "percent");
        Figures.Ns("calls.inproc.p50", series[0].P50Ns);
        Figures.Ns("calls.inproc.p99", series[0].P99Ns);
        Figures.Ns("calls.delegate.p50", series[1].P50Ns);
        Figures.Ratio("calls.inproc_over_delegate", series[0].P50Ns / series[1].P50Ns);
        Figures.Ns("calls.inproc.deadline.p50", series[2].P50Ns);
        Figures.Value("calls.inproc.bytes", BytesEach(inside, effort.CountedCalls), "F4", "bytes");
        Reconnect(effort);
    }

    private static void Reconnect(Effort effort)
    {
        using Pair pair = Pair.Start(Mechanism.Reconnect, Placement.Unpinned, effort.WarmUp);
        var cycles = new Series();
        for (int round = 0; round < effort.Rounds; round++)
        {
            cycles.Add(pair.Run(effort.Round));
        }

        Figures.Value("calls.reconnect.p50_us", cycles.P50Ns / 1000, "F0", "us");
        Figures.Value("calls.reconnect.p99_us", cycles.P99Ns / 1000, "F0", "us");
    }

    private static double BytesEach(InProcessWork work, int calls)
    {
        work.RunCalls(16);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        work.RunCalls(calls);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)calls;
    }
}
