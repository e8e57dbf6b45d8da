// SPDX-License-Identifier: MIT

using System.Diagnostics.Tracing;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>Handlers that throw: that one transaction ends, the operator sees it, and the reactor goes on.</summary>
[Rule("DI-05")]
public sealed class HandlerFailureTests
{
    [Fact]
    public void Exception_InAnyCallback_EndsOnlyWhatItBelongsTo()
    {
        using var events = new EventLog();
        using Pair pair = Pair.Make(new ScriptedHandler
        {
            Connect = static _ => throw new InvalidDataException("connect-fails"),
            Message = static (_, _) => throw new InvalidDataException("message-fails"),
            Transaction = static (_, transaction) =>
            {
                if (transaction.Operation == 2)
                    transaction.Complete([1]);
                if (transaction.Operation != 3)
                    throw new InvalidDataException("transaction-fails");
                transaction.Complete(Status.Ok);
            },
            Disconnect = static (_, _) => throw new InvalidDataException("disconnect-fails"),
        });
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(Status.Ok, pair.Client.TrySend(9, []));
            Assert.Equal(new CallResult(Status.HandlerFailed, 0), Watchdog.Run(() => pair.Client.Call(1, [], [])));
            Assert.Equal(new CallResult(Status.Ok, 1), Watchdog.Run(() => pair.Client.Call(2, [], new byte[1])));
            Assert.Equal(new CallResult(Status.Ok, 0), Watchdog.Run(() => pair.Client.Call(3, [], [])));
        }

        Watchdog.Run(pair.Dispose);
        foreach (string what in new[] { "connect-fails", "message-fails", "transaction-fails", "disconnect-fails" })
        {
            EventWrittenEventArgs found = events.MustContain("HandlerFailed", what);
            Assert.Equal(EventLevel.Error, found.Level);
            Assert.Equal(pair.Listener.Address.Text, found.Payload![0]);
        }
    }

    [Fact]
    public void Transaction_NotOverridden_IsUnimplemented()
    {
        using Pair pair = Pair.Make(new ScriptedHandler());
        Assert.Equal(new CallResult(Status.Unimplemented, 0), Watchdog.Run(() => pair.Client.Call(1, [1], new byte[8])));
        Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
        Assert.Equal(Status.Unimplemented, Watchdog.Run(() => pair.Client.Call(2, [], [])).Status);
    }

    // What escapes from here would end the process: so the endpoint is asked directly, without a reactor.
    [Fact]
    public void Exception_WhoseTextThrows_DoesNotEscape()
    {
        using var events = new EventLog();
        var endpoint = new Endpoint(
            "shm:none", new ScriptedHandler { Message = static (_, _) => throw new UnspeakableException() });
        Delivery delivery = Delivery.Rent();
        delivery.Frame = new Frame(FrameKind.Message, 77, 0, 0, Deadline.Never, 0, 0, 0, 0);
        delivery.Begin(null!);
        Assert.True(endpoint.InvokeHandler(delivery).AsTask().IsCompletedSuccessfully);
        EventWrittenEventArgs found = events.MustContain("HandlerFailed", nameof(UnspeakableException));
        Assert.Equal(77u, found.Payload![1]);
    }

#pragma warning disable CA1064 // Thrown and caught here.
    private sealed class UnspeakableException : Exception
#pragma warning restore CA1064
    {
        public override string Message => throw new InvalidOperationException();

        public override string ToString() => throw new InvalidOperationException();
    }
}
