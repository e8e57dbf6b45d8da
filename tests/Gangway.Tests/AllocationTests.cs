// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Calls, messages and replies allocate nothing on either side, once warm.</summary>
[Rule("CA-12")]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private readonly byte[] _payload = new byte[64];
    private readonly byte[] _reply = new byte[Transaction.ReplyBytesMax];

    public enum Work
    {
        Call,
        CallWithDeadline,
        CallThatParks,
        Message,
        MessageBack,
    }

    [Theory]
    [InlineData(Work.Call)]
    [InlineData(Work.CallWithDeadline)]
    [InlineData(Work.CallThatParks)]
    [InlineData(Work.Message)]
    [InlineData(Work.MessageBack)]
    public void SteadyState_OfBothSides_AllocatesNothing(Work work)
    {
        var server = new EchoHandler();
        var back = new EchoHandler();
        using Pair pair = Pair.Make(
            server, back,
            new EndpointOptions { WaitStrategy = work == Work.CallThatParks ? WaitStrategy.Park : WaitStrategy.Adaptive });
        int count = work == Work.CallThatParks ? TestLevel.Pick(100_000, 200_000, 1_000_000) : TestLevel.Pick(200_000, 500_000, 1_000_000);
        Watchdog.Run(() => Do(pair.Client, work, count / 10));

        // The test host has threads of its own, which take a little now and then: one quiet round of the process is proof.
        long least = long.MaxValue;
        for (int round = 0; round < 8 && least > count / 100; round++)
        {
            (long caller, long process) = Watchdog.Run(() =>
            {
                server.Restart();
                back.Restart();
                Do(pair.Client, work, 1);
                long processBefore = GC.GetTotalAllocatedBytes(precise: true);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Do(pair.Client, work, count);
                return (GC.GetAllocatedBytesForCurrentThread() - before, GC.GetTotalAllocatedBytes(precise: true) - processBefore);
            });
            output.WriteLine($"{count} of {work}: caller {caller} bytes, server's reactor {server.Bytes}, ours {back.Bytes}; process {process}");
            Assert.True(server.Handled >= count && (work != Work.MessageBack || back.Handled > 0));
            Assert.Equal((0L, 0L, 0L), (caller, server.Bytes, back.Bytes));
            least = Math.Min(least, process);
        }

        Assert.True((double)least / count < 0.2, $"{(double)least / count:0.000} bytes each");
    }

    private void Do(Endpoint client, Work work, int count)
    {
        int wrong = 0;
        for (int i = 0; i < count; i++)
        {
            bool isGood = work switch
            {
                Work.Message => client.Send(1, _payload) == Status.Ok,
                Work.MessageBack => client.Call(2, _payload, _reply).IsOk,
                Work.CallWithDeadline => client.Call(1, _payload, _reply, Deadline.After(TimeSpan.FromMinutes(5))).IsOk,
                _ => client.Call(1, _payload, _reply).IsOk,
            };
            wrong += isGood ? 0 : 1;
        }

        if (wrong != 0 || !client.Call(1, _payload, _reply).IsOk)
            throw new InvalidOperationException($"{wrong} of {count} failed.");
    }

    /// <summary>Echoes, and says what its thread has allocated between the first and the last thing that it handled.</summary>
    private sealed class EchoHandler : EndpointHandler
    {
        private long _first = -1;
        private long _last;

        internal long Handled { get; private set; }

        internal long Bytes => Handled == 0 ? 0 : _last - _first;

        internal void Restart()
        {
            Handled = 0;
            Volatile.Write(ref _first, -1);
        }

        public override void OnMessage(Endpoint endpoint, Message message) => Note();

        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            if (transaction.Operation == 2)
                endpoint.TrySend(1, transaction.Request);
            Note();
            transaction.Complete(transaction.Request);
        }

        private void Note()
        {
            _last = GC.GetAllocatedBytesForCurrentThread();
            if (Volatile.Read(ref _first) < 0)
                _first = _last;
            Handled++;
        }
    }
}
