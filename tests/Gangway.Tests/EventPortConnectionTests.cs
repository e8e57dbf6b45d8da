// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Connections whose loop the waiters of a port run.</summary>
[Rule("EV-19")]
public sealed class EventPortConnectionTests(ITestOutputHelper output)
{
    private static readonly EndpointOptions s_lanes = new() { LanesToSend = 1, LanesToReceive = 1 };

    // Everything happens on the thread that waits.
    [Fact]
    [Rule("EV-20")]
    public void Requests_OfAPortsConnections_AreHandledByItsWaiter()
    {
        using EventPort port = new();
        int handlerThread = 0;
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                Volatile.Write(ref handlerThread, Environment.CurrentManagedThreadId);
                transaction.Complete(transaction.Request);
            },
        });
        using var waiter = new PortWaiter(port);
        using Endpoint client = Domain.Connect(listener.Address.Text);
        byte[] reply = new byte[3];
        for (int i = 0; i < 1_000; i++)
            Assert.Equal(new CallResult(Status.Ok, 3), Watchdog.Run(() => client.Call(1, [1, 2, 3], reply)));

        // Now and then the loop is with a stand-in, or an operation that was slow for once on its strand.
        Watchdog.Until(
            () => Watchdog.Run(() => client.Call(1, [1, 2, 3], reply)).IsOk && Volatile.Read(ref handlerThread) == waiter.ThreadId,
            "a handler on the waiter's thread");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lane_OfAPortsConnection_IsAPacketOfTheWaitersOwn(bool serverWaits)
    {
        using EventPort port = new();
        using Listener listener = serverWaits
            ? Ports.Listen(port, ScriptedHandler.Echo())
            : Domain.Listen(TestDirectory.NextAddress(), ScriptedHandler.Echo());
        using Endpoint client = Domain.Connect(
            listener.Address.Text, null, serverWaits ? s_lanes : s_lanes with { Port = port });
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = Assert.Single(listener.Endpoints);
        (Endpoint sender, Endpoint receiver) = serverWaits ? (client, server) : (server, client);
        var notification = new Notification();
        port.Bind(notification, 5, Ports.Edge);
        NotificationSender signals = sender.SenderOf(receiver.Grant(notification));

        // Hot, and parked.
        for (uint i = 1; i < 200; i++)
        {
            signals.Signal(i);
            Assert.Equal((5ul, i), (Ports.Next(port) is var packet ? packet.Key : 0, packet.Signals));
            if (i % 20 == 0)
                Assert.Equal(0, port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(20))));
        }

        Watchdog.Run(sender.Dispose);
        Assert.Equal(NotificationSender.SenderGone, Ports.Next(port).Signals);
    }

    [Fact]
    public void Handler_ThatStays_LosesTheConnectionsAndTheyComeHome()
    {
        using EventPort port = new();
        int slowThread = 0, fastThread = 0;
        using var gate = new ManualResetEventSlim();
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (transaction.Operation == 1)
                {
                    Volatile.Write(ref slowThread, Environment.CurrentManagedThreadId);
                    gate.Wait(Watchdog.Bound);
                }
                else
                {
                    Volatile.Write(ref fastThread, Environment.CurrentManagedThreadId);
                }

                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(port);
        using Endpoint slow = Domain.Connect(listener.Address.Text);
        using Endpoint fast = Domain.Connect(listener.Address.Text);

        // A first request may find OnConnect on its strand, and wait there for a thread of the pool.
        Watchdog.Until(() => Watchdog.Run(() => slow.Call(2, [], [])).IsOk && Volatile.Read(ref fastThread) == waiter.ThreadId, "inline");
        Task<CallResult> stays;
        while (true)
        {
            Volatile.Write(ref slowThread, 0);
            stays = slow.CallAsync(1, [], Memory<byte>.Empty).AsTask();
            Watchdog.Until(() => Volatile.Read(ref slowThread) != 0, "the handler that stays");
            if (Volatile.Read(ref slowThread) == waiter.ThreadId)
                break;

            // The loop was with a stand-in just then.
            gate.Set();
            Assert.True(Watchdog.Run(() => stays.Result).IsOk);
            gate.Reset();
        }

        Assert.True(Watchdog.Run(() => fast.Call(2, [], [])).IsOk);
        Assert.NotEqual(waiter.ThreadId, Volatile.Read(ref fastThread));
        gate.Set();
        Assert.True(Watchdog.Run(() => stays.Result).IsOk);
        Watchdog.Until(
            () => Watchdog.Run(() => fast.Call(2, [], [])).IsOk && Volatile.Read(ref fastThread) == waiter.ThreadId,
            "the connections at home");
    }

    // A handler of the port calls back over the same connection, and over another one of the same loop.
    [Fact]
    public void Handler_ThatCallsOverItsOwnLoop_IsAnswered()
    {
        using EventPort port = new();
        using Listener inner = Ports.Listen(port, ScriptedHandler.Echo());
        using var waiter = new PortWaiter(port);
        using var toInner = new Endpoint(inner.Address.Text, null, new EndpointOptions { Port = port });
        toInner.Connect();
        using Listener outer = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                byte[] reply = new byte[8];
                CallResult result = toInner.Call(1, transaction.Request, reply);
                transaction.Complete(result.IsOk ? reply.AsSpan(0, result.Length) : []);
            },
        });
        using Endpoint client = Domain.Connect(outer.Address.Text);
        byte[] reply = new byte[8];
        for (long i = 0; i < 200; i++)
        {
            Assert.Equal(new CallResult(Status.Ok, 8), Watchdog.Run(() => client.Call(1, BitConverter.GetBytes(i), reply)));
            Assert.Equal(i, BitConverter.ToInt64(reply));
        }
    }

    [Fact]
    public void Handler_ThatWaitsOnItsOwnPort_IsToldWhy()
    {
        using EventPort port = new();
        bool wasInline = false;
        int waiterThread = 0;
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                // A first request may find OnConnect on its strand, and wait there for a thread of the pool.
                wasInline = Environment.CurrentManagedThreadId == Volatile.Read(ref waiterThread);
                if (!wasInline)
                {
                    transaction.Complete([]);
                    return;
                }

                InvalidOperationException error = Assert.Throws<InvalidOperationException>(
                    () => port.Wait(new Packet[1], Deadline.After(Watchdog.Bound)));
                Assert.Contains("inside of a wait on this port", error.Message, StringComparison.Ordinal);
                Assert.False(port.TryWait(out Packet _));
                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(port);
        Volatile.Write(ref waiterThread, waiter.ThreadId);
        using Endpoint client = Domain.Connect(listener.Address.Text);
        Watchdog.Until(() => Watchdog.Run(() => client.Call(1, [], [])).IsOk && Volatile.Read(ref wasInline), "an inline handler");
    }

    // It has the port's baton: nobody else could take the kernel's first report.
    [Fact]
    [Rule("EV-07")]
    public void Handler_ThatBindsADescriptorToItsOwnPort_GoesOn()
    {
        using EventPort port = new();
        using Pipe pipe = new();
        pipe.Write();
        Binding binding = default;
        int handlerThread = 0;
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                binding.Dispose();
                binding = port.Bind(pipe.Reader, DescriptorEvents.Readable, 7, Ports.Edge);
                Volatile.Write(ref handlerThread, Environment.CurrentManagedThreadId);
                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(port);
        using Endpoint client = Domain.Connect(listener.Address.Text);
        Watchdog.Until(
            () => Watchdog.Run(() => client.Call(1, [], [])).IsOk && Volatile.Read(ref handlerThread) == waiter.ThreadId,
            "a handler on the waiter's thread");
        Watchdog.Run(binding.Dispose);
    }

    // Nobody waits on the port when its connections end: somebody stands in.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Dispose_WhileNobodyWaits_Ends(int order)
    {
        EventPort port = new();
        Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        var client = new Endpoint(listener.Address.Text, null, new EndpointOptions { Port = port });
        client.Connect();
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Action[] ends = [client.Dispose, listener.Dispose, port.Dispose];
        int[][] orders = [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0]];
        foreach (int end in orders[order])
            Watchdog.Run(ends[end]);
        Assert.Equal(EndpointState.Destroyed, client.State);
        Assert.Throws<ObjectDisposedException>(() => port.TryWait(out Packet _));
    }

    [Fact]
    public void Call_WhileNobodyWaits_LearnsOfThePeersEnd()
    {
        using EventPort port = new();
        using var taken = new ManualResetEventSlim();
        Endpoint? server = null;
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), new ScriptedHandler
        {
            Transaction = (endpoint, _) =>
            {
                server = endpoint;
                taken.Set();
            },
        });
        using Endpoint client = Domain.Connect(listener.Address.Text, null, new EndpointOptions { Port = port });
        Task<CallResult> call = Task.Run(() => client.Call(1, [], []));
        Assert.True(taken.Wait(Watchdog.Bound));
        Watchdog.Run(server!.Dispose);
        Assert.Equal(Status.OutcomeUnknown, Watchdog.Run(() => call.Result).Status);
    }

    [Fact]
    public void Endpoint_BoundToAPort_TellsOfItsConnection()
    {
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using var waiter = new PortWaiter(port);
        using EventPort other = new();
        using var client = new Endpoint(listener.Address.Text);
        Binding binding = other.Bind(client, 7, Ports.Edge);
        Assert.Throws<InvalidOperationException>(() => port.Bind(client, 7));
        Ports.AssertQuiet(other);
        client.Connect();
        Packet packet = Ports.Next(other);
        Assert.Equal((7ul, PacketKind.Endpoint, EndpointEvents.Connected), (packet.Key, packet.Kind, (EndpointEvents)packet.Signals));
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Watchdog.Run(Assert.Single(listener.Endpoints).Dispose);
        packet = Ports.Next(other);
        Assert.Equal((EndpointEvents.Disconnected, DisconnectReason.Closed), ((EndpointEvents)packet.Signals, (DisconnectReason)packet.Status));

        // What is so already is told at once.
        binding.Dispose();
        using EventPort late = new();
        using Endpoint second = Domain.Connect(listener.Address.Text);
        late.Bind(second, 8);
        Assert.Equal((uint)EndpointEvents.Connected, Ports.Next(late).Signals);
    }

    [Fact]
    public void Sending_ThatWasRefused_IsToldWhenItIsPossible()
    {
        using EventPort port = new();
        using var gate = new ManualResetEventSlim();
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), new ScriptedHandler
        {
            Message = (_, _) => gate.Wait(Watchdog.Bound),
        });
        using Endpoint client = Domain.Connect(listener.Address.Text);
        port.Bind(client, 7, Ports.Level);
        Assert.Equal((uint)EndpointEvents.Connected, Ports.Next(port).Signals);
        port.Cancel(7);
        port.Bind(client, 7, Ports.Edge);
        Watchdog.Until(() => client.TrySend(1, []) == Status.Overloaded, "a refusal");
        Ports.AssertQuiet(port);
        gate.Set();
        Assert.NotEqual(0u, Ports.Next(port).Signals & (uint)EndpointEvents.SendPossible);
    }

    [Fact]
    public void Port_OfAnotherKindOrNumber_IsRefused()
    {
        using EventPort managed = new(new EventPortOptions { UsesKernel = false });
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Ports.Listen(managed, ScriptedHandler.Echo()));
        Assert.Contains("UsesKernel", error.Message, StringComparison.Ordinal);
        using EventPort port = new();
        Assert.Throws<ArgumentException>(() => Domain.Listen(
            TestDirectory.NextAddress(), ScriptedHandler.Echo(), new ListenerOptions { Reactor = new ReactorOptions { Port = port, Threads = 2 } }));
        port.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Ports.Listen(port, ScriptedHandler.Echo()));
    }

    // Clients of another loop call and signal while waiters come and go, handlers stay, and connections end.
    [Fact]
    public void Traffic_WithWaitersThatComeAndGo_LosesNothing()
    {
        Seed seed = Seed.Take(output);
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (transaction.Operation % 50 == 49)
                    Thread.Sleep(3);
                transaction.Complete(transaction.Request);
            },
        });
        bool isOver = false;
        var waiters = new Thread[2];
        for (int i = 0; i < waiters.Length; i++)
        {
            Random random = seed.Random(i);
            waiters[i] = new Thread(() =>
            {
                var packets = new Packet[4];
                while (!Volatile.Read(ref isOver))
                {
                    port.Wait(packets, Deadline.After(TimeSpan.FromMilliseconds(random.Next(5))));
                    if (random.Next(10) == 0)
                        Thread.Sleep(random.Next(3));
                }
            })
            { IsBackground = true };
            waiters[i].Start();
        }

        int calls = TestLevel.Pick(500, 3_000, 100_000);
        Threads.Run(4, number =>
        {
            Random random = seed.Random(100 + number);
            byte[] reply = new byte[4];
            for (int left = calls; left > 0;)
            {
                using Endpoint client = Domain.Connect(listener.Address.Text);
                for (int burst = random.Next(1, 300); burst > 0 && left > 0; burst--, left--)
                {
                    byte[] request = BitConverter.GetBytes(left);
                    CallResult result = client.Call((uint)random.Next(100), request, reply, Deadline.After(Watchdog.Bound));
                    if (result != new CallResult(Status.Ok, 4) || !reply.AsSpan().SequenceEqual(request))
                        throw new InvalidOperationException($"{result}");
                }
            }
        });
        Volatile.Write(ref isOver, true);
        foreach (Thread waiter in waiters)
            Watchdog.Join(waiter);
    }

    [Fact]
    public void OneLoop_TakesEveryKindOfSource_InPriorityOrder()
    {
        using EventPort port = new();
        using EventPort inner = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using Endpoint client = Domain.Connect(listener.Address.Text, null, s_lanes);
        Assert.Equal(0, port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(1)))); // Takes the connection in.
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = Assert.Single(listener.Endpoints);
        Notification inProcess = new(), lane = new(), within = new();
        using Pipe pipe = new();
        var time = new ManualTime();
        var timer = new EventTimer(time);
        using var child = System.Diagnostics.Process.Start("true");

        // The higher the key, the lower the priority: so they come in the order of their keys.
        port.Bind(inProcess, 0, At(0));
        port.Bind(lane, 1, At(1));
        port.Bind(pipe.Reader, DescriptorEvents.Readable, 2, At(2));
        port.Bind(timer, 3, At(3));
        port.Bind(child, 4, At(4));
        port.Bind(System.Runtime.InteropServices.PosixSignal.SIGWINCH, 5, At(5));
        port.Bind(inner, 6, At(6));
        port.Bind(server, 8, At(8));
        inner.Bind(within, 0);

        NotificationSender signals = client.SenderOf(server.Grant(lane));
        port.TryPost(7, priority: 7);
        within.Signal();
        signals.Signal();
        inProcess.Signal();
        pipe.Write();
        timer.Set(TimeSpan.FromMilliseconds(1));
        time.Advance(2);
        const int SIGWINCH = 28;
        Assert.Equal(0, kill(Environment.ProcessId, SIGWINCH));
        Assert.True(child.WaitForExit(Watchdog.Bound));

        // Those that come by other threads may come a moment later, and then not in order; all are there in the end.
        var kinds = new Dictionary<ulong, PacketKind>();
        while (kinds.Count < 9)
        {
            Packet packet = Ports.Next(port);
            kinds.Add(packet.Key, packet.Kind);
        }

        Assert.Equal(
            [
                PacketKind.Notification, PacketKind.Notification, PacketKind.Descriptor, PacketKind.Timer, PacketKind.Process,
                PacketKind.PosixSignal, PacketKind.Port, PacketKind.Posted, PacketKind.Endpoint,
            ],
            kinds.OrderBy(static entry => entry.Key).Select(static entry => entry.Value));

        // Where all is ready before the wait, priority alone decides.
        Notification[] ready = [.. Enumerable.Range(0, 16).Select(static _ => new Notification())];
        for (int i = 0; i < ready.Length; i++)
            port.Bind(ready[i], 100 + (ulong)i, At(i));
        foreach (Notification notification in ready.Reverse())
            notification.Signal();
        Assert.Equal(Enumerable.Range(100, 16).Select(static key => (ulong)key), Ports.Keys(port));

        static BindingOptions At(int priority) => new() { Priority = priority };

        [System.Runtime.InteropServices.DllImport("libc")]
        static extern int kill(int process, int signal);
    }
}
