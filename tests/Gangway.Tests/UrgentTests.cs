// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Notifications that are bound to a strand, and come before its next handler.</summary>
public sealed class UrgentTests
{
    [Fact]
    public void Signal_OfAnIdleStrand_RunsOnIt()
    {
        using var strand = new Strand();
        var notification = new Notification();
        notification.Signal(1);
        using var ran = new SemaphoreSlim(0);
        Signals seen = default;
        bool wasCurrent = false;
        Binding binding = strand.BindUrgent(notification, signals =>
        {
            (seen, wasCurrent) = (signals, strand.IsCurrent);
            ran.Release();
        });
        Assert.True(ran.Wait(Watchdog.Bound), "what it held before the bind");
        Assert.Equal((1u, true), (seen.Bits, wasCurrent));
        notification.Signal(6);
        Assert.True(ran.Wait(Watchdog.Bound));
        Assert.Equal(6u, seen.Bits);
        Assert.Throws<InvalidOperationException>(() => strand.BindUrgent(notification, static _ => { }));

        // Masked, it waits; disposed, it stays with the notification.
        Assert.True(binding.Mask());
        notification.Signal(8);
        Turn(strand);
        Assert.Equal(6u, seen.Bits);
        Assert.True(binding.Unmask());
        Assert.True(ran.Wait(Watchdog.Bound));
        Assert.Equal(8u, seen.Bits);
        binding.Dispose();
        Assert.True(binding.IsStale);
        notification.Signal(16);
        Turn(strand);
        Assert.Equal((8u, 16u), (seen.Bits, notification.Poll().Bits));
    }

    [Fact]
    [Rule("EV-08")]
    public void Dispose_OnTheStrand_IsTheLastThatTheStrandHearsOfIt()
    {
        using var strand = new Strand();
        int told = 0;
        for (int i = 0; i < 1_000; i++)
        {
            var notification = new Notification();
            Binding binding = strand.BindUrgent(notification, _ => told++);
            int toldBefore = -1;
            strand.Post(_ =>
            {
                // It is in the strand's queue when its binding ends.
                notification.Signal(1);
                binding.Dispose();
                toldBefore = told;
            });
            notification.Signal(2);
            Turn(strand);
            Assert.Equal(toldBefore, told);
            Assert.NotEqual(0u, notification.Poll().Bits);
        }
    }

    [Fact]
    public void Signals_DuringAHandler_CoalesceAndComeBeforeWhatWasQueuedEarlier()
    {
        using var strand = new Strand();
        var notification = new Notification();
        var order = new List<string>();
        strand.BindUrgent(notification, signals => order.Add($"urgent {signals.Bits} {signals.Count}"));
        using ManualResetEventSlim began = new(), goOn = new(), done = new();
        strand.Post(_ =>
        {
            began.Set();
            goOn.Wait(Watchdog.Bound);
            order.Add("first");
        });
        Assert.True(began.Wait(Watchdog.Bound));
        strand.Post(_ => order.Add("second"));
        strand.Post(_ =>
        {
            order.Add("third");
            done.Set();
        });
        notification.Signal(1);
        notification.Signal(2);
        goOn.Set();
        Assert.True(done.Wait(Watchdog.Bound));
        Assert.Equal(["first", "urgent 3 2", "second", "third"], order);
    }

    [Fact]
    public void Suspended_Handler_IsNotInterrupted()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new List<string>();
        using var began = new ManualResetEventSlim();
        using Pair pair = Pair.Make(new AwaitingHandler
        {
            Transaction = async (_, transaction) =>
            {
                began.Set();
                await goOn.Task;
                order.Add("handler");
                transaction.Complete([]);
            },
        });
        Task<CallResult> call = pair.Client.CallAsync(1, [], Memory<byte>.Empty).AsTask();
        Assert.True(began.Wait(Watchdog.Bound));
        var notification = new Notification();
        using var ran = new ManualResetEventSlim();
        pair.Server.Strand.BindUrgent(notification, _ =>
        {
            order.Add("urgent");
            ran.Set();
        });
        notification.Signal();
        Assert.False(ran.Wait(30));
        goOn.SetResult();
        Assert.True(ran.Wait(Watchdog.Bound));
        Assert.True(Watchdog.Run(() => call.Result).IsOk);
        Assert.Equal(["handler", "urgent"], order);
    }

    // The wait goes on afterwards, and still gets what it waits for.
    [Theory]
    [InlineData("notification")]
    [InlineData("port")]
    [InlineData("managed")]
    [InlineData("beside")]
    public void Wait_InAHandler_IsInterruptedAndGoesOn(string what)
    {
        using var strand = new Strand();
        Notification urgent = new(), awaited = new();
        int told = 0;
        int waiterThread = 0, toldThread = 0;
        bool wasElsewhere = false;
        strand.BindUrgent(urgent, _ =>
        {
            toldThread = Environment.CurrentManagedThreadId;
            wasElsewhere |= !strand.IsCurrent;
            Volatile.Write(ref told, told + 1);
        });
        using EventPort port = Ports.Make(usesKernel: what != "managed");
        using EventPort othersPort = new();
        Binding bound = what == "notification" ? default : port.Bind(awaited, 5, Ports.Edge);
        using ManualResetEventSlim waits = new(), done = new();
        Thread? poller = null;
        bool isOver = false;
        if (what == "beside")
        {
            // Another thread polls first, and gets packets too.
            poller = new Thread(() =>
            {
                while (!Volatile.Read(ref isOver))
                    port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(50)));
            });
            poller.Start();
            Thread.Sleep(20);
        }

        strand.Post(_ =>
        {
            waiterThread = Environment.CurrentManagedThreadId;
            waits.Set();
            if (what == "notification")
                awaited.Wait(Deadline.After(Watchdog.Bound));
            else if (what == "beside")
                port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(300)));
            else
                port.Wait(new Packet[1], Deadline.After(Watchdog.Bound));
            done.Set();
        });
        Assert.True(waits.Wait(Watchdog.Bound));
        int rounds = what == "beside" ? 3 : 50;
        for (int i = 0; i < rounds && !done.IsSet; i++)
        {
            int before = Volatile.Read(ref told);
            urgent.Signal();
            Watchdog.Until(() => Volatile.Read(ref told) > before, "the urgent notification inside of the wait");
            if (!done.IsSet)
                Assert.Equal(waiterThread, toldThread);
        }

        if (what != "beside")
        {
            Assert.False(done.IsSet, "the wait ended for nothing");
            awaited.Signal();
        }

        Assert.True(done.Wait(Watchdog.Bound), "the wait's end");
        Volatile.Write(ref isOver, true);
        if (poller is not null)
            Watchdog.Join(poller);
        bound.Dispose();
        Assert.False(wasElsewhere);
    }

    [Fact]
    public void Call_InAHandler_IsNotInterrupted()
    {
        using var gate = new ManualResetEventSlim();
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                gate.Wait(Watchdog.Bound);
                transaction.Complete([]);
            },
        });
        using var strand = new Strand();
        var notification = new Notification();
        var order = new List<string>();
        using ManualResetEventSlim ran = new(), calls = new();
        strand.BindUrgent(notification, _ =>
        {
            order.Add("urgent");
            ran.Set();
        });
        strand.Post(_ =>
        {
            calls.Set();
            pair.Client.Call(1, [], []);
            order.Add("called");
        });
        Assert.True(calls.Wait(Watchdog.Bound));
        notification.Signal();
        Assert.False(ran.Wait(50));
        gate.Set();
        Assert.True(ran.Wait(Watchdog.Bound));
        Assert.Equal(["called", "urgent"], order);
    }

    // A wait inside of an urgent callback is not interrupted again, and its handler's wait goes on afterwards.
    [Fact]
    public void Callback_ThatWaitsOrThrows_IsContained()
    {
        using var strand = new Strand();
        Notification urgent = new(), inner = new(), outer = new();
        int told = 0;
        strand.BindUrgent(urgent, _ =>
        {
            if (++told == 1)
                throw new InvalidOperationException("on purpose");
            inner.Wait(Deadline.After(Watchdog.Bound));
        });
        using ManualResetEventSlim waits = new(), done = new();
        strand.Post(_ =>
        {
            waits.Set();
            outer.Wait(Deadline.After(Watchdog.Bound));
            done.Set();
        });
        Assert.True(waits.Wait(Watchdog.Bound));
        urgent.Signal();
        Watchdog.Until(() => Volatile.Read(ref told) == 1, "the one that throws");
        urgent.Signal();
        Watchdog.Until(() => Volatile.Read(ref told) == 2, "the one that waits");
        urgent.Signal();
        Thread.Sleep(20);
        Assert.Equal(2, told);
        inner.Signal();
        Watchdog.Until(() => Volatile.Read(ref told) == 3, "what came meanwhile");
        inner.Signal();
        outer.Signal();
        Assert.True(done.Wait(Watchdog.Bound));
    }

    [Fact]
    [Rule("EV-06")]
    public void Storm_OfSignals_LetsHandlersAndWaitsGoOn()
    {
        using var strand = new Strand();
        Notification storm = new(), awaited = new();
        bool isOver = false;
        strand.BindUrgent(storm, _ =>
        {
            if (!Volatile.Read(ref isOver))
                storm.Signal();
        });
        storm.Signal();
        Turn(strand);
        using var done = new ManualResetEventSlim();
        strand.Post(_ =>
        {
            awaited.Wait(Deadline.After(TimeSpan.FromMilliseconds(20)));
            awaited.Signal();
            awaited.Wait();
            done.Set();
        });
        Assert.True(done.Wait(Watchdog.Bound), "the waits inside of the storm");
        Volatile.Write(ref isOver, true);
        Turn(strand);
    }

    [Fact]
    public void Modify_OfAnUrgentBinding_KeepsItTold()
    {
        using var strand = new Strand();
        var notification = new Notification();
        int told = 0;
        Binding binding = strand.BindUrgent(notification, _ => told++);
        foreach (TriggerMode mode in Enum.GetValues<TriggerMode>())
        {
            Assert.True(binding.Modify(new BindingOptions { Mode = mode }));
            for (int i = 0; i < 3; i++)
            {
                int before = told;
                notification.Signal();
                Turn(strand);
                Assert.Equal(before + 1, told);
            }
        }
    }

    // Each bit of each thread is told after its last signal, whatever the strand does meanwhile.
    [Fact]
    public void Signals_OfManyThreads_AmongHandlersAndWaits_AreAllTold()
    {
        const int Signalling = 3;
        int rounds = TestLevel.Pick(2_000, 20_000, 1_000_000);
        using var strand = new Strand();
        var notification = new Notification();
        using EventPort port = new();
        var waited = new Notification();
        port.Bind(waited, 1, Ports.Edge);
        long[] written = new long[Signalling], seen = new long[Signalling];
        int inside = 0;
        bool overlapped = false;
        strand.BindUrgent(notification, signals =>
        {
            overlapped |= Interlocked.Increment(ref inside) != 1;
            for (int i = 0; i < Signalling; i++)
            {
                if ((signals.Bits & 1u << i) != 0)
                    Volatile.Write(ref seen[i], Volatile.Read(ref written[i]));
            }

            Interlocked.Decrement(ref inside);
        });
        bool isOver = false;
        Post();
        Threads.Run(Signalling, number =>
        {
            for (int i = 1; i <= rounds; i++)
            {
                Volatile.Write(ref written[number], i);
                notification.Signal(1u << number);
                if (i % 64 == 0)
                    waited.Signal();
            }
        });
        Watchdog.Until(() => seen.All(value => Volatile.Read(ref value) == rounds), "the last signal of each thread");
        Volatile.Write(ref isOver, true);
        Turn(strand);
        Assert.False(overlapped);

        void Post() => strand.Post(_ =>
        {
            port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(1)));
            if (!Volatile.Read(ref isOver))
                Post();
        });
    }

    private static void Turn(Strand strand)
    {
        using var done = new ManualResetEventSlim();
        strand.Post(_ => done.Set());
        Assert.True(done.Wait(Watchdog.Bound));
    }
}
