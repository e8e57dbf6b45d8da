// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A port's loop when its waiters leave, are busy, or wait on another port.</summary>
[Rule("EV-19")]
public sealed class EventPortLoopTests
{
    // The thread that calls sleeps until the loop brings the reply; who polled meanwhile has had the loop, and left.
    [Fact]
    public void Call_WhoseWaitersLeft_IsAnswered()
    {
        using EventPort port = new();
        using var taken = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using Endpoint client = Domain.Connect(listener.Address.Text, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                taken.Set();
                gate.Wait(Watchdog.Bound);
                transaction.Complete([]);
            },
        });
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Endpoint server = Assert.Single(listener.Endpoints);
        Task<CallResult> call = Task.Run(() => server.Call(1, [], []));
        Assert.True(taken.Wait(Watchdog.Bound));
        for (int i = 0; i < 20; i++)
            Assert.Equal(0, port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(5))));
        gate.Set();
        Assert.True(Watchdog.Run(() => call.Result).IsOk);
    }

    [Fact]
    public void Revoke_WhileNobodyWaits_EndsTheConnection()
    {
        using EventPort port = new();
        using Listener listener = Ports.Listen(port, ScriptedHandler.Echo());
        using Endpoint client = Domain.Connect(listener.Address.Text);
        Watchdog.Until(() => listener.Endpoints.Count == 1, "the accepted endpoint");
        Assert.Equal(1, listener.Revoke(Assert.Single(listener.Endpoints).Peer!));
        Watchdog.Until(() => client.State == EndpointState.Destroyed, "the end");
        Assert.Equal(DisconnectReason.Revoked, client.DisconnectReason);
    }

    // The call's deadline is asked for while the loop is awake and nobody polls it.
    [Fact]
    public void Deadline_AskedForBetweenTwoWaits_IsKept()
    {
        using EventPort port = new();
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), Silent());
        using Endpoint client = ConnectAt(port, listener);
        var notification = new Notification();
        port.Bind(notification, 5, Ports.Edge);
        for (int i = 0; i < 3; i++)
            Assert.Equal(0, port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(20))));
        notification.Signal(1);
        Assert.Equal(5ul, Ports.Next(port).Key);
        Task<CallResult> call = CallSilent(client);
        using var waiter = new PortWaiter(port);
        Assert.Equal(Status.DeadlineExceeded, Watchdog.Run(() => call.Result).Status);
    }

    [Fact]
    public void Deadline_WhileThePortIsBusy_IsKept()
    {
        using EventPort port = new();
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), Silent());
        using Endpoint client = ConnectAt(port, listener);
        var notification = new Notification();
        port.Bind(notification, 5, Ports.Edge);
        Assert.Equal(0, port.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(20))));
        Task<CallResult> call = CallSilent(client);
        Watchdog.Until(
            () =>
            {
                // There is always a packet, so no wait ever sleeps.
                for (int i = 0; i < 1_000; i++)
                {
                    notification.Signal(1);
                    Assert.Equal(5ul, Ports.Next(port).Key);
                }

                return call.IsCompleted;
            },
            "the deadline");
        Assert.Equal(Status.DeadlineExceeded, Watchdog.Run(() => call.Result).Status);
    }

    [Fact]
    public void Deadline_WhileOnlyAnOuterPortIsWaitedOn_IsKept()
    {
        using EventPort outer = new();
        using EventPort inner = new();
        outer.Bind(inner, 9, Ports.Edge);
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), Silent());
        using Endpoint client = ConnectAt(inner, listener);
        for (int i = 0; i < 3; i++)
            Assert.Equal(0, outer.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(20))));
        using var waiter = new PortWaiter(outer);
        for (int i = 0; i < 3; i++)
            Assert.Equal(Status.DeadlineExceeded, Watchdog.Run(() => CallSilent(client).Result).Status);
    }

    [Fact]
    public void Handler_OfAnInnerPort_IsToldThatItCannotWaitOnTheOuter()
    {
        using EventPort outer = new();
        using EventPort inner = new();
        outer.Bind(inner, 9, Ports.Edge);
        string? told = null;
        int waiterThread = 0;
        using Listener listener = Ports.Listen(inner, new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (Environment.CurrentManagedThreadId == Volatile.Read(ref waiterThread))
                {
                    Exception? error = Record.Exception(() => outer.Wait(new Packet[1], Deadline.After(TimeSpan.FromMilliseconds(20))));
                    Volatile.Write(ref told, error?.Message ?? "nothing");
                }

                transaction.Complete([]);
            },
        });
        using var waiter = new PortWaiter(outer);
        Volatile.Write(ref waiterThread, waiter.ThreadId);
        using Endpoint client = Domain.Connect(listener.Address.Text);
        Watchdog.Until(() => Watchdog.Run(() => client.Call(1, [], [])).IsOk && Volatile.Read(ref told) is not null, "an inline handler");
        Assert.Contains("inside of a wait on this port", told, StringComparison.Ordinal);
    }

    // A handler of one loop looks at a port, and so is inside of another loop for a while: it has its own one still.
    [Fact]
    public void Handler_ThatLooksAtAPort_StillHasItsOwnLoop()
    {
        using EventPort port = new();
        using Listener connections = Ports.Listen(port, ScriptedHandler.Echo());
        using Endpoint client = ConnectAt(port, connections);
        bool? stillHasLoop = null;
        using Listener listener = Domain.Listen(TestDirectory.NextAddress(), new ScriptedHandler
        {
            Transaction = (_, transaction) =>
            {
                if (stillHasLoop is null && Reactor.IsInHandlerOfLoop)
                {
                    port.TryWait(out Packet _);
                    stillHasLoop = Reactor.IsInHandlerOfLoop;
                }

                transaction.Complete([]);
            },
        });
        using Endpoint caller = Domain.Connect(listener.Address.Text);
        Watchdog.Until(() => Watchdog.Run(() => caller.Call(1, [], [])).IsOk && stillHasLoop is not null, "an inline handler");
        Assert.True(stillHasLoop);
    }

    private static Endpoint ConnectAt(EventPort port, Listener listener) =>
        Domain.Connect(listener.Address.Text, null, new EndpointOptions { Port = port });

    /// <summary>Takes requests and never answers.</summary>
    private static ScriptedHandler Silent() => new() { Transaction = static (_, _) => { } };

    private static Task<CallResult> CallSilent(Endpoint client) =>
        client.CallAsync(1, [], Memory<byte>.Empty, Deadline.After(TimeSpan.FromMilliseconds(100))).AsTask();
}
