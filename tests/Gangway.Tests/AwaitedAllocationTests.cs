// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Awaited calls, however they end, and kept messages allocate nothing on either side, once warm.</summary>
[Rule("CA-12")]
public abstract class AwaitedAllocationTests(ITestOutputHelper output, Transport transport)
{
    private const int InFlight = 8;

    private readonly byte[] _payload = new byte[64];

    public enum Work
    {
        Quick,
        Suspended,
        WithDeadline,
        TimedOut,
        TimedOutBlocking,
        Cancelled,
        KeptMessage,
    }

    public static TheoryData<Work> Works => [.. Enum.GetValues<Work>()];

    [Theory]
    [MemberData(nameof(Works))]
    public void SteadyState_OfBothSides_AllocatesNothing(Work work)
    {
        using Pair pair = transport.Pair(new LaterHandler());
        int count = work switch
        {
            Work.TimedOut or Work.TimedOutBlocking => TestLevel.Pick(2_000, 2_000, 100_000), // Each waits until it is over.
            Work.Cancelled => TestLevel.Pick(2_000, 5_000, 100_000),
            _ => TestLevel.Pick(50_000, 100_000, 1_000_000),
        };
        Run(pair.Client, work, count / 2);

        // The smallest object has 24 bytes. The test host takes some too, which is more for each when they are few.
        double limit = count > 20_000 ? 0.5 : 4;

        // A cancel needs a source, which is the test's own: what it costs alone is not ours.
        double each = double.MaxValue, own = 0;
        for (int round = 0; round < 10 && each >= limit; round++)
        {
            own = work == Work.Cancelled ? Measure(() => CancelNothing(count)) / (double)count : 0;
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            each = HostNoise.Without(Measure(() => Run(pair.Client, work, count)), count, started) - own;
            output.WriteLine($"{count} of {work}: {each:0.000} bytes each, beside {own:0.000} of the test's own");
        }

        Assert.True(each < limit, $"{each:0.000} bytes each, beside {own:0.000} of the test's own");
    }

    private static long Measure(Action action)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    // One box for each lane, and the tasks of the test: nothing for each call.
    private void Run(Endpoint client, Work work, int count)
    {
        if (work is Work.KeptMessage or Work.TimedOutBlocking)
        {
            byte[] reply = new byte[64];
            int wrong = 0;
            for (int i = 0; i < count; i++)
            {
                wrong += (work == Work.KeptMessage
                    ? client.Send(1, _payload) == Status.Ok
                    : client.Call(3, _payload, reply, Soon()).Status == Status.DeadlineExceeded) ? 0 : 1;
            }

            Assert.Equal(0, wrong);
            return;
        }

        int lanes = work == Work.Suspended ? InFlight : 1;
        Task<int>[] pumps = [.. Enumerable.Range(0, lanes).Select(_ => Task.Run(() => Pump(client, work, count / lanes)))];
        foreach (Task<int> pump in pumps)
            Assert.Equal(0, Awaited.Get(pump, $"{work}"));
    }

    private async Task<int> Pump(Endpoint client, Work work, int count)
    {
        byte[] reply = new byte[64];
        int wrong = 0;
        for (int i = 0; i < count; i++)
        {
            Status expected = Status.Ok;
            ValueTask<CallResult> call;
            CancellationTokenSource? source = null;
            switch (work)
            {
                case Work.WithDeadline:
                    call = client.CallAsync(2, _payload, reply, Deadline.After(TimeSpan.FromMinutes(5)));
                    break;
                case Work.TimedOut:
                    expected = Status.DeadlineExceeded;
                    call = client.CallAsync(3, _payload, reply, Soon());
                    break;
                case Work.Cancelled:
                    expected = Status.Cancelled;
                    source = new CancellationTokenSource();
                    call = client.CallAsync(3, _payload, reply, default, source.Token);
                    while (call.IsCompletedSuccessfully)
                    {
                        // Late replies have not caught up, so it was refused. A source is the test's own, and dear: not one more.
                        wrong += (await call.ConfigureAwait(false)).Status == Status.Overloaded ? 0 : 1;
                        await Task.Yield();
                        call = client.CallAsync(3, _payload, reply, default, source.Token);
                    }

                    source.Cancel();
                    break;
                default:
                    call = client.CallAsync(1, _payload, reply);
                    break;
            }

            CallResult result = await call.ConfigureAwait(false);

            // The refusal of a call allocates nothing either.
            wrong += result.Status == expected || (result.Status == Status.Overloaded && expected != Status.Ok) ? 0 : 1;
            if (result.Status == Status.Overloaded)
                await Task.Yield();
        }

        return wrong;
    }

    private static Deadline Soon() => Deadline.After(TimeSpan.FromMicroseconds(50));

    private static void CancelNothing(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var source = new CancellationTokenSource();
            source.Token.UnsafeRegister(static (_, _) => { }, source);
            source.Cancel();
        }
    }

    /// <summary>Answers at once, except operation 3: that is answered late, when the next comes. So are messages completed.</summary>
    private sealed class LaterHandler : EndpointHandler
    {
        private Transaction _transaction;
        private Message _message;
        private bool _hasTransaction;
        private bool _hasMessage;

        public override void OnMessage(Endpoint endpoint, Message message)
        {
            message.Keep();
            if (_hasMessage)
                _message.Complete();
            _message = message;
            _hasMessage = true;
        }

        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            if (transaction.Operation != 3)
            {
                transaction.Complete(transaction.Request);
                return;
            }

            if (_hasTransaction)
                _transaction.TryComplete(Status.Ok, []);
            _transaction = transaction;
            _hasTransaction = true;
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : AwaitedAllocationTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : AwaitedAllocationTests(output, Transport.InProcess);
}
