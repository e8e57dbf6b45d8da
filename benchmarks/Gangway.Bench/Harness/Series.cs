// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Harness;

/// <summary>The rounds of one mechanism, and the medians over them.</summary>
internal sealed class Series
{
    private readonly List<Measurement> _rounds = [];

    /// <summary>Median over the rounds of each round's median, nanoseconds.</summary>
    public double P50Ns => Median(round => round.P50Ns);

    /// <summary>Median over the rounds of each round's 99th percentile, nanoseconds.</summary>
    public double P99Ns => Median(round => round.P99Ns);

    /// <summary>Median over the rounds of calls or messages in a second.</summary>
    public double PerSecond => Median(round => round.PerSecond);

    /// <summary>Median over the rounds of the time for each, nanoseconds.</summary>
    public double NsEach => Median(round => round.Elapsed.TotalNanoseconds / round.Count);

    /// <summary>Calls or messages of all rounds.</summary>
    public long Count => _rounds.Sum(round => round.Count);

    /// <summary>Wall time of all rounds.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_rounds.Sum(round => round.Elapsed.Ticks));

    /// <summary>
    /// Median over the rounds of the quotient of both medians in each. The processors of a virtual machine move, and with
    /// them what a cache line costs, by three times for seconds: what ran at the same time is compared.
    /// </summary>
    public double P50Over(Series other) => Median([.. _rounds.Zip(other._rounds, (mine, others) => mine.P50Ns / others.P50Ns)]);

    /// <summary>Runs the pairs in turn, round after round, so that a disturbance hits all alike.</summary>
    public static Series[] Interleave(int rounds, TimeSpan duration, params ReadOnlySpan<Pair> pairs)
    {
        var series = new Series[pairs.Length];
        for (int i = 0; i < series.Length; i++)
        {
            series[i] = new Series();
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < pairs.Length; i++)
            {
                series[i].Add(pairs[i].Run(duration));
            }
        }

        return series;
    }

    /// <summary>Runs work of this process in turn, after a warm-up of each.</summary>
    public static Series[] Interleave(Effort effort, params ReadOnlySpan<Work> works)
    {
        var series = new Series[works.Length];
        for (int i = 0; i < series.Length; i++)
        {
            series[i] = new Series();
            works[i].WarmUp(effort.WarmUp);
        }

        for (int round = 0; round < effort.Rounds; round++)
        {
            for (int i = 0; i < works.Length; i++)
            {
                series[i].Add(works[i].Run(effort.Round));
            }
        }

        return series;
    }

    /// <summary>Adds one round.</summary>
    public void Add(Measurement round) => _rounds.Add(round);

    private double Median(Func<Measurement, double> select) => Median([.. _rounds.Select(select)]);

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
