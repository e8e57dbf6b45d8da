// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Many threads bring work to one strand, on the spot and queued, and some of it suspends.</summary>
public sealed class StrandStressTests(ITestOutputHelper output)
{
    private const int Posters = 4;

    [Fact]
    [Rule("AS-01")]
    public void Strand_ManyThreadsAndSuspendedHandlers_NeverOverlapNorLoseAny() => Watchdog.Run(() =>
    {
        var seed = Seed.Take(output);
        int each = TestLevel.Pick(quick: 2_000, normal: 20_000, soak: 1_000_000);
        using var strand = new Strand();
        var log = new StrandLog(Posters);
        using var ended = new CountdownEvent(Posters * each);
        Thread[] posters = [.. Enumerable.Range(0, Posters).Select(poster => new Thread(() =>
        {
            Random random = seed.Random(poster);
            for (int number = 0; number < each; number++)
                Bring(strand, new HandlerWork(strand, log, poster, number, (HandlerShape)random.Next(4), ended), random, log);
        }))];

        foreach (Thread poster in posters)
            poster.Start();
        foreach (Thread poster in posters)
            poster.Join();
        ended.Wait();

        output.WriteLine(log.ToString());
        Assert.Equal("", log.Failures);
        Assert.Equal(Posters * each, log.Started);
        Assert.Equal(log.PiecesBegun, log.Pieces);
        Assert.All([log.OnTheSpot, log.Queued, log.Suspended, log.EndedElsewhere], static count => Assert.NotEqual(0, count));
    });

    [Fact]
    [Rule("AS-01")]
    public void Strand_DisposedUnderLoad_RunsEachCallbackOnce() => Watchdog.Run(() =>
    {
        var seed = Seed.Take(output);
        int rounds = TestLevel.Pick(quick: 20, normal: 200, soak: 10_000);
        const int Each = 100;
        int[] cancelled = new int[2];
        for (int round = 0; round < rounds; round++)
        {
            int disposeAt = seed.Random(round).Next(Each);
            using var strand = new Strand();
            int[] runs = new int[Posters * Each];
            using var ended = new CountdownEvent(runs.Length);
            Thread[] posters = [.. Enumerable.Range(0, Posters).Select(poster => new Thread(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    int index = poster * Each + i;
                    if (poster == 0 && i == disposeAt)
                        strand.Dispose();
                    strand.Post(status =>
                    {
                        runs[index]++;
                        cancelled[status == Status.Cancelled ? 1 : 0]++;
                        ended.Signal();
                    });
                }
            }))];

            foreach (Thread poster in posters)
                poster.Start();
            foreach (Thread poster in posters)
                poster.Join();
            ended.Wait();
            Assert.All(runs, static count => Assert.Equal(1, count));
        }

        // Both counts are plain: the strand's turn guards them.
        Assert.Equal(rounds * Posters * Each, cancelled.Sum());
        Assert.NotEqual(0, cancelled[1]);
    });

    /// <summary>As a reactor does: on the spot if the strand is free, else into its queue.</summary>
    private static void Bring(Strand strand, HandlerWork work, Random random, StrandLog log)
    {
        if (random.Next(2) != 0 || !strand.TryEnterInline())
        {
            Interlocked.Increment(ref log.Queued);
            strand.Queue(work);
            return;
        }

        Interlocked.Increment(ref log.OnTheSpot);
        Strand? before = strand.Enter();
        work.Run(strand, isCancelled: false);
        Strand.Leave(before);
        strand.LeaveInline();
    }
}
