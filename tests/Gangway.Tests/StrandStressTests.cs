// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Many threads bring work to one strand, on the spot and queued, and some of it suspends.</summary>
[Trait("Soak", "yes")]
public sealed class StrandStressTests(ITestOutputHelper output)
{
    private const int Posters = 4;

    // One thread with one handler at a time: what is left in a queue then is left for good, and the watchdog says so.
    [Theory]
    [InlineData(4, 3)]
    [InlineData(1, 1)]
    [Rule("DI-01")]
    public void Strand_ManyThreadsAndSuspendedHandlers_NeverOverlapNorLoseAny(int posters, int window) => Watchdog.Run(() =>
    {
        var seed = Seed.Take(output);
        int each = TestLevel.Pick(quick: 2_000, normal: 20_000, soak: 1_000_000);
        using var strand = new Strand();
        var log = new StrandLog(posters);
        Thread[] threads = [.. Enumerable.Range(0, posters).Select(poster => new Thread(() =>
        {
            // Few at a time, and now and then none: else the strand is never free, and nothing runs on the spot.
            Random random = seed.Random(poster);
            using var free = new SemaphoreSlim(window);
            bool keepsTurn = false;
            for (int number = 0; number < each; number++)
            {
                if (!free.Wait(0))
                {
                    LetGo(strand, ref keepsTurn);
                    free.Wait();
                }

                var shape = (HandlerShape)random.Next(4);
                Bring(strand, new HandlerWork(strand, log, poster, number, shape, free), shape, random, log, ref keepsTurn);
                if (random.Next(8) == 0)
                {
                    LetGo(strand, ref keepsTurn);
                    Drain(free, window);
                }
            }

            LetGo(strand, ref keepsTurn);

            Drain(free, window);
        }))];

        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        output.WriteLine(log.ToString());
        Assert.Equal("", log.Failures);
        Assert.Equal(posters * each, log.Started);
        Assert.Equal(log.PiecesBegun, log.Pieces);
        Assert.All([log.OnTheSpot, log.Queued, log.Kept, log.Suspended, log.EndedElsewhere], static count => Assert.NotEqual(0, count));
    });

    [Fact]
    [Rule("DI-03")]
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

    private static void Drain(SemaphoreSlim window, int count)
    {
        for (int i = 0; i < count; i++)
            window.Wait();
        window.Release(count);
    }

    /// <summary>As a reactor does: on the spot if the strand is free, or its turn was kept; else into its queue.</summary>
    private static void Bring(
        Strand strand, HandlerWork work, HandlerShape shape, Random random, StrandLog log, ref bool keepsTurn)
    {
        bool hasTurn = keepsTurn && strand.MayGoOnInline;
        if (hasTurn)
            Interlocked.Increment(ref log.Kept);
        else
            LetGo(strand, ref keepsTurn);
        keepsTurn = false;
        if (!hasTurn && (random.Next(2) != 0 || !strand.TryEnterInline()))
        {
            Interlocked.Increment(ref log.Queued);
            strand.Queue(work);
            return;
        }

        Interlocked.Increment(ref log.OnTheSpot);
        Strand? before = strand.Enter(ThreadRole.Current);
        work.Run(strand, isCancelled: false);
        Strand.Leave(ThreadRole.Current, before);
        keepsTurn = shape == HandlerShape.Straight;
        if (!keepsTurn)
            strand.LeaveInline();
    }

    private static void LetGo(Strand strand, ref bool keepsTurn)
    {
        if (keepsTurn)
            strand.LeaveInline();
        keepsTurn = false;
    }
}
