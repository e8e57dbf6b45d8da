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
        using Pair pair = Pair.Make(
            new EchoHandler(), new EchoHandler(),
            new EndpointOptions { WaitStrategy = work == Work.CallThatParks ? WaitStrategy.Park : WaitStrategy.Adaptive });
        int count = work == Work.CallThatParks ? TestLevel.Pick(100_000, 200_000, 1_000_000) : TestLevel.Pick(200_000, 500_000, 1_000_000);
        Watchdog.Run(() => Do(pair.Client, work, count / 10));

        // Counted over the whole process, so the test host adds a little now and then: one clean round is proof.
        long least = int.MaxValue;
        for (int round = 0; round < 4 && least * 100 > count; round++)
        {
            // Inside, because the watchdog's thread has its price too.
            long bytes = Watchdog.Run(() =>
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                Do(pair.Client, work, count);
                return GC.GetTotalAllocatedBytes(precise: true) - before;
            });
            least = Math.Min(least, bytes);
            output.WriteLine($"{least} bytes over {count} of {work}");
        }

        Assert.True((double)least / count < 0.01, $"{(double)least / count:0.000} bytes each");
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

        Assert.Equal(0, wrong);
        Assert.True(client.Call(1, _payload, _reply).IsOk);
    }

    private sealed class EchoHandler : EndpointHandler
    {
        private long _received;

        public override void OnMessage(Endpoint endpoint, Message message) => _received += message.Payload.Length;

        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            if (transaction.Operation == 2)
                endpoint.TrySend(1, transaction.Request);
            transaction.Complete(transaction.Request);
        }
    }
}
