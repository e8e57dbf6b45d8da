// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Wherever a handler runs, bringing a request there and its answer back allocates nothing, once warm.</summary>
[Rule("EV-22")]
[Rule("CA-12")]
public sealed class DispatchAllocationTests(ITestOutputHelper output)
{
    /// <summary>Only where the listener has a policy.</summary>
    private const uint Forbidden = 2;

    [Theory]
    [InlineData(Dispatch.Inline)]
    [InlineData(Dispatch.Strand)]
    [InlineData(Dispatch.Concurrent)]
    public void AsyncHandler_ThatNeedNotWait_AllocatesNothing(Dispatch where)
    {
        using Pair pair = Pair.Make(new AnsweringHandler(where));
        MustAllocateNothing(pair, $"{where}");
    }

    [Fact]
    [Rule("SE-02")]
    public void Permit_OfWhatItRefusesAndWhatNot_AllocatesNothing()
    {
        using Pair pair = Pair.Make(
            new AnsweringHandler(Dispatch.Inline),
            listenerOptions: new ListenerOptions { Permit = static (_, operation) => operation != Forbidden });
        Assert.Equal(Status.NotPermitted, Watchdog.Run(() => pair.Client.Call(Forbidden, [], [])).Status);
        MustAllocateNothing(pair, "permitted or not");
    }

    private void MustAllocateNothing(Pair pair, string what)
    {
        int count = TestLevel.Pick(10_000, 50_000, 1_000_000);
        Watchdog.Run(() => Do(pair.Client, count / 4));

        // The test host has threads of its own, which take a little now and then: one quiet round of the process is proof.
        double least = double.MaxValue;
        long callerLeast = long.MaxValue;
        for (int round = 0; round < 8 && (least > 0.01 || callerLeast > 256); round++)
        {
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            (long caller, long process) = Watchdog.Run(() =>
            {
                Do(pair.Client, 1);
                long processBefore = GC.GetTotalAllocatedBytes(precise: true);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Do(pair.Client, count);
                return (GC.GetAllocatedBytesForCurrentThread() - before, GC.GetTotalAllocatedBytes(precise: true) - processBefore);
            });
            output.WriteLine($"{count} calls, {what}: caller {caller} bytes, process {process}");
            callerLeast = Math.Min(callerLeast, caller);
            least = Math.Min(least, HostNoise.Without(process, count, started));
        }

        // The run-time gives a thread its statics when it first uses them, which may be in the middle: once, and not for each.
        Assert.InRange(callerLeast, 0, 256);
        Assert.True(least < 0.2, $"{least:0.000} bytes each");
    }

    private static void Do(Endpoint client, int count)
    {
        Span<byte> payload = stackalloc byte[64];
        Span<byte> reply = stackalloc byte[64];
        int wrong = 0;
        for (int i = 0; i < count; i++)
        {
            wrong += client.Call(1, payload, reply).IsOk ? 0 : 1;
            wrong += i % 4 != 0 || client.Send(1, payload) == Status.Ok ? 0 : 1;
            wrong += i % 4 != 0 || client.Call(Forbidden, payload, reply).Status is Status.NotPermitted or Status.Ok ? 0 : 1;
        }

        if (wrong != 0)
            throw new InvalidOperationException($"{wrong} of {count} failed.");
    }

    private sealed class AnsweringHandler(Dispatch where) : EndpointHandler
    {
        private readonly Task _done = Task.CompletedTask;

        public override Dispatch DispatchOf(uint operation) => where;

        public override async ValueTask OnTransactionAsync(Endpoint endpoint, Transaction transaction)
        {
            await _done;
            transaction.Complete(transaction.Request);
        }

        public override async ValueTask OnMessageAsync(Endpoint endpoint, Message message) => await _done;
    }
}
