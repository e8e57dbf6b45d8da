// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Calls inside of handlers: into what they hold themselves, side by side, against each other, and very deep.</summary>
public abstract class ChainTests(ITestOutputHelper output, Transport transport)
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    [Rule("CA-09")]
    public void Cycle_OfOneChain_IsDeadlockAtOnce(int services, bool mayBlock)
    {
        using var mesh = new Mesh(transport, services, async (mesh, service, transaction) =>
        {
            // Round and round, with no deadline but the thirty seconds of any nested call.
            byte[] reply = new byte[8];
            CallResult result = await mesh.CallAsync((service + 1) % services, 1, [], reply, mayBlock);
            transaction.Complete(result.IsOk ? reply.AsSpan(0, result.Length) : [(byte)result.Status]);
        });
        for (int round = 0; round < 5; round++)
        {
            (Status status, byte[] reply) = mesh.Ask(0, 1, []);
            Assert.Equal(Status.Ok, status);
            Assert.Equal([(byte)Status.Deadlock], reply);
        }

        Assert.Equal(5, mesh[0].Statistics.RequestsSent - 5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("CA-09")]
    public void Branches_OfOneChainThatMeetAtAStrand_Queue(bool mayBlock)
    {
        long expected = 0;
        using var mesh = new Mesh(transport, 4, async (mesh, service, transaction) =>
        {
            byte[] left = new byte[1], right = new byte[1];
            switch (service)
            {
                case 0:
                    Task<CallResult>[] branches =
                    [
                        mesh[1].CallAsync(1, [], left).AsTask(),
                        mesh[2].CallAsync(1, [], right).AsTask(),
                    ];
                    await Task.WhenAll(branches);
                    transaction.Complete([left[0], right[0]]);
                    break;
                case 3:
                    // Not before the other branch waits for this strand, too.
                    Endpoint here = mesh.ListenerOf(3).Endpoints.Single();
                    while (here.Statistics.RequestsReceived < Volatile.Read(ref expected))
                        await Task.Yield();
                    transaction.Complete([]);
                    break;
                default:
                    CallResult result = await mesh.CallAsync(3, 1, [], [], mayBlock);
                    transaction.Complete([(byte)(result.Status + 1)]);
                    break;
            }
        });
        for (int round = 0; round < TestLevel.Pick(5, 20, 1000); round++)
        {
            Volatile.Write(ref expected, expected + 2);
            (Status status, byte[] reply) = mesh.Ask(0, 1, []);
            Assert.Equal(Status.Ok, status);
            Assert.Equal([(byte)(Status.Ok + 1), (byte)(Status.Ok + 1)], reply);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Rule("CA-09")]
    [Rule("CA-05")]
    public void Cycle_OfDifferentChains_EndsByDeadlineAndNothingElseDoes(bool mayBlock)
    {
        Gate[] arrived = [new Gate(), new Gate()];
        var inner = new System.Collections.Concurrent.ConcurrentBag<Status>();
        using var mesh = new Mesh(transport, 3, async (mesh, service, transaction) =>
        {
            if (transaction.Operation == 1)
            {
                // Each holds its strand now, and needs the other's.
                arrived[service].Open();
                await Task.Run(arrived[1 - service].Pass);
                inner.Add((await mesh.CallAsync(1 - service, 2, [], [], mayBlock)).Status);
            }

            transaction.TryComplete(Status.Ok, []);
        });
        Deadline deadline = Deadline.After(TimeSpan.FromMilliseconds(1000));
        Task<CallResult>[] roots = [.. Enumerable.Range(0, 2).Select(i => mesh[i].CallAsync(1, [], default, deadline).AsTask())];
        arrived[0].MustOpen("the first handler");
        arrived[1].MustOpen("the second handler");
        for (int i = 0; i < 20; i++)
            Assert.Equal(Status.Ok, mesh.Ask(2, 2, []).Status);
        Watchdog.Run(() => Task.WaitAll(roots));

        // A handler answers when its nested call has ended: that may be seen before the root's own time is up.
        Assert.All(roots, static call => Assert.Contains(call.Result.Status, new[] { Status.DeadlineExceeded, Status.Ok }));
        Assert.True(deadline.HasPassed);
        Watchdog.Until(() => inner.Count == 2, "the nested calls");

        // The first whose time is up leaves its strand; the other's request may just run then.
        Assert.All(inner, static status => Assert.Contains(status, new[] { Status.DeadlineExceeded, Status.Ok }));
        Assert.Contains(Status.DeadlineExceeded, inner);
        for (int i = 0; i < 3; i++)
            Assert.Equal(Status.Ok, mesh.Ask(i, 2, []).Status);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(15, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(17, true)]
    [Rule("CA-09")]
    public void Chain_OfStackedServicesWithQuotaOne_EndsAtTheDepthThatARequestCanName(byte last, bool mayBlock)
    {
        const int Longest = 17; // The sixteen calls that the last one is nested in, and itself.
        using var mesh = new Mesh(
            transport, Longest + 1,
            async (mesh, service, transaction) =>
            {
                byte[] reply = new byte[8];
                if (service == last)
                {
                    transaction.Complete([(byte)service, (byte)Status.Ok]);
                    return;
                }

                CallResult result = await mesh.CallAsync(service + 1, 1, [], reply, mayBlock);
                transaction.Complete(result.IsOk ? reply.AsSpan(0, result.Length) : [(byte)service, (byte)result.Status]);
            },
            options: new ListenerOptions { MaxTransactionsPerUser = 1 });
        (Status status, byte[] reply) = mesh.Ask(0, 1, []);
        Assert.Equal(Status.Ok, status);
        byte[] expected = last < Longest ? [last, (byte)Status.Ok] : [Longest - 1, (byte)Status.ChainTooLong];
        Assert.Equal(expected, reply);
        Assert.Equal(0, mesh[Longest].Statistics.RequestsSent);
    }

    [Fact]
    [Rule("CA-05")]
    public void Deadline_OfAHandler_IsThatOfItsCalls()
    {
        var seen = new Deadline[3];
        Deadline own = default;
        using var mesh = new Mesh(transport, 3, async (mesh, service, transaction) =>
        {
            seen[service] = transaction.Deadline;
            if (service < 2)
                Assert.True((await mesh.CallAsync(service + 1, 1, [], [], service == 0, service == 1 ? own : default)).IsOk);
            transaction.Complete([]);
        });
        Deadline far = Deadline.After(TimeSpan.FromHours(1)), farther = Deadline.After(TimeSpan.FromHours(2));

        own = farther; // A call cannot have more time than what it is nested in.
        Assert.Equal(Status.Ok, mesh.Ask(0, 1, [], far).Status);
        Assert.Equal([far, far, far], seen);

        own = far;
        Assert.Equal(Status.Ok, mesh.Ask(0, 1, [], farther).Status);
        Assert.Equal([farther, farther, far], seen);

        own = default;
        Assert.Equal(Status.Ok, mesh.Ask(0, 1, []).Status);
        Assert.True(seen[0].IsNever);
        Assert.False(seen[1].IsNever); // So that every cycle ends.
        Assert.Equal(seen[1], seen[2]);
    }

    // With a window of one, each service has one request in hand at a time, of all callers.
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [Trait("Soak", "yes")]
    [Rule("CA-09")]
    public void Graphs_OfAnyShape_EndWithAStatusAndLeaveNothing(int? window)
    {
        const int Services = 6;
        const int Roots = 4;
        const int Slots = 64;
        int each = TestLevel.Pick(10, 40, 3_000);
        Seed seed = Seed.Take(output);
        Strand[] strands = [new(), new(), new(), new()];
        int[] counts = new int[16];
        int handlers = 0, wrong = 0;
        using var mesh = new Mesh(
            transport, Services,
            async (mesh, _, transaction) =>
            {
                Interlocked.Increment(ref handlers);
                try
                {
                    await RunAsync(mesh, transaction.Request.ToArray());
                    transaction.Complete([]);
                }
                finally
                {
                    Interlocked.Decrement(ref handlers);
                }
            },
            service => strands[service % strands.Length],
            new ListenerOptions { MaxTransactionsPerUser = window });
        Threads.Run(Roots, number =>
        {
            Random random = seed.Random(number);
            for (int i = 0; i < each; i++)
            {
                Deadline deadline = Deadline.After(TimeSpan.FromMilliseconds(random.Next(5, 200)));
                Note(mesh[random.Next(Services)].Call(1, Request(random.Next(), 0), [], deadline).Status);
            }
        });

        // Requests whose callers have left may wait behind the last handler, and count until they are refused.
        Watchdog.Until(
            () => Enumerable.Range(0, Services).All(service => mesh.ListenerOf(service).Statistics.Charged.Transactions == 0)
                && Volatile.Read(ref handlers) == 0,
            "the last handler, and what is queued");
        for (int service = 0; service < Services; service++)
        {
            Assert.Equal(Status.Ok, mesh.Ask(service, 1, Request(0, 99)).Status);
            Endpoint there = mesh.ListenerOf(service).Endpoints.Single();
            Assert.Equal(mesh[service].Statistics.RequestsSent, there.Statistics.RequestsReceived);
            for (int slot = 0; slot < Slots; slot++)
                Assert.Null(Insides.Transactions(there).Find(slot, out _));
        }

        output.WriteLine(string.Join(", ", counts.Select((count, i) => (Count: count, Status: (Status)i)).Where(one => one.Count != 0)));
        Assert.Equal(0, wrong);
        Assert.True(counts[(int)Status.Ok] > 0 && (window is not null || counts[(int)Status.Deadlock] > 0));

        async Task RunAsync(Mesh mesh, byte[] request)
        {
            int depth = request[4];
            var random = new Random(BitConverter.ToInt32(request));
            for (int calls = depth < 5 ? random.Next(3) : 0; calls > 0; calls--)
            {
                byte[] nested = Request(random.Next(), depth + 1);
                Deadline deadline = random.Next(3) == 0 ? Deadline.After(TimeSpan.FromMilliseconds(random.Next(100))) : default;
                int to = random.Next(Services);
                switch (random.Next(4))
                {
                    case 0:
                        Note(mesh[to].Call(1, nested, [], deadline).Status);
                        break;
                    case 1:
                        Task<CallResult> one = mesh[to].CallAsync(1, nested, default, deadline).AsTask();
                        Task<CallResult> two = mesh[random.Next(Services)].CallAsync(1, nested, default, deadline).AsTask();
                        foreach (CallResult result in await Task.WhenAll(one, two))
                            Note(result.Status);
                        break;
                    default:
                        Note((await mesh[to].CallAsync(1, nested, default, deadline)).Status);
                        break;
                }
            }
        }

        void Note(Status status)
        {
            if (status is Status.Ok or Status.Deadlock or Status.DeadlineExceeded or Status.QuotaExceeded or Status.Overloaded)
                Interlocked.Increment(ref counts[(int)status]);
            else
                Interlocked.Increment(ref wrong);
        }
    }

    private static byte[] Request(int seed, int depth) => [.. BitConverter.GetBytes(seed), (byte)depth];

    public sealed class OverSharedMemory(ITestOutputHelper output) : ChainTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : ChainTests(output, Transport.InProcess);
}
