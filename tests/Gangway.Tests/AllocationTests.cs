// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Calls, messages and replies allocate nothing on either side, once warm.</summary>
[Rule("CA-12")]
public abstract class AllocationTests(ITestOutputHelper output, Transport transport)
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
        using Pair pair = transport.Pair(
            server, back,
            new EndpointOptions { WaitStrategy = work == Work.CallThatParks ? WaitStrategy.Park : WaitStrategy.Adaptive });

        // Those that sleep, or inside a process go through the pool, are slow.
        int count = work is Work.CallThatParks or Work.CallWithDeadline
            ? TestLevel.Pick(100_000, 200_000, 1_000_000)
            : TestLevel.Pick(200_000, 500_000, 1_000_000);

        // One thread for all rounds: inside a process a thread that calls keeps a record for its next call.
        using var caller = new OneThread();
        caller.Run(() => Do(pair.Client, work, count / 10));

        // The test host has threads of its own, which take a little now and then, and may share the pool's with our strands:
        // one quiet round is proof, because what allocates in steady state does so in every round.
        var rounds = new List<string>();
        for (int round = 0; round < 8; round++)
        {
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            long ours = 0, process = 0;
            caller.Run(() =>
            {
                // Reading the process's count allocates, and the handlers may run on this thread.
                long processBefore = GC.GetTotalAllocatedBytes(precise: true);
                server.Restart();
                back.Restart();
                Do(pair.Client, work, 1);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Do(pair.Client, work, count);
                ours = GC.GetAllocatedBytesForCurrentThread() - before;
                process = GC.GetTotalAllocatedBytes(precise: true) - processBefore;
            });
            rounds.Add($"{count} of {work}: caller {ours} bytes, {server}, ours: {back}; process {process}");
            output.WriteLine(rounds[^1]);
            Assert.True(server.Handled >= count && (work != Work.MessageBack || back.Handled > 0));
            if ((ours, server.Bytes, back.Bytes) == (0L, 0L, 0L) && HostNoise.Without(process, count, started) < 0.2)
                return;
        }

        Assert.Fail($"No round was quiet:\n{string.Join('\n', rounds)}");
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

    /// <summary>Echoes, and says what its threads have allocated from one thing that they handled to the next.</summary>
    /// <remarks>
    /// A loop changes threads when it is taken over, on a busy machine also in the middle of this test: so what one thread
    /// has allocated is never compared with what another has. A thread of the pool does other work between; that is in the
    /// figure of the process only, where 24 bytes for each, the smallest object, are a hundred times the bound.
    /// </remarks>
    private sealed class EchoHandler : EndpointHandler
    {
        [ThreadStatic]
        private static EchoHandler? t_last;

        [ThreadStatic]
        private static long t_epoch;

        [ThreadStatic]
        private static long t_bytes;

        private long _epoch;
        private long _handled;
        private long _bytes;
        private long _threads;

        internal long Handled => Volatile.Read(ref _handled);

        internal long Bytes => Volatile.Read(ref _bytes);

        internal void Restart()
        {
            _epoch++;
            _bytes = 0;
            _threads = 0;
            Volatile.Write(ref _handled, 0);
        }

        public override void OnMessage(Endpoint endpoint, Message message) => Note();

        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            if (transaction.Operation == 2)
                endpoint.TrySend(1, transaction.Request);
            Note();
            transaction.Complete(transaction.Request);
        }

        public override string ToString() => $"{Handled} handled by {_threads} threads that allocated {Bytes} bytes";

        private void Note()
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            if (t_last != this || t_epoch != _epoch)
                _threads++;
            else if (!Thread.CurrentThread.IsThreadPoolThread)
                _bytes += bytes - t_bytes;
            t_last = this;
            t_epoch = _epoch;
            t_bytes = bytes;
            Volatile.Write(ref _handled, _handled + 1);
        }
    }

    public sealed class OverSharedMemory(ITestOutputHelper output) : AllocationTests(output, Transport.SharedMemory);

    public sealed class InsideAProcess(ITestOutputHelper output) : AllocationTests(output, Transport.InProcess);
}
