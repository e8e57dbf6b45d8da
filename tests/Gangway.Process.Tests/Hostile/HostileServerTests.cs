// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Hostile;

/// <summary>A C program listens, and offers what it must not, or lies later. Our client refuses, and keeps nothing.</summary>
public sealed class HostileServerTests(ITestOutputHelper output)
{
    private static readonly Lazy<bool> s_isWarm = new(WarmUp);

    [NeedsFact(Need.Gcc)]
    public void HonestServerInC_Works()
    {
        using var server = new DepartingServer("honest");
        using Endpoint endpoint = Patient.Connect(server.Address);
        Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
        for (byte i = 0; i < 200; i++)
        {
            byte[] request = [i, 1, 2, 3];
            CallResult result = endpoint.Call(PeerOperation.Echo, request, reply);

            Assert.Equal(Status.Ok, result.Status);
            Assert.Equal(request, reply[..result.Length].ToArray());
        }
    }

    [Rule("SH-04")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("unsealed")]
    [InlineData("not-future-write")]
    [InlineData("no-shrink-seal")]
    [InlineData("no-grow-seal")]
    [InlineData("unsealed-mine")]
    [InlineData("short")]
    [InlineData("empty")]
    [InlineData("long")]
    [InlineData("short-mine")]
    [InlineData("hugetlb")]
    [InlineData("hugetlb-mine")]
    [InlineData("swapped")]
    [InlineData("regular-file")]
    [InlineData("pipes")]
    [InlineData("no-descriptor")]
    [InlineData("one-descriptor")]
    [InlineData("three-descriptors")]
    [InlineData("no-final-seal")]
    public void Connect_WrongMemory_IsRefusedAndNothingIsKept(string departure) =>
        ConnectIsRefused(departure, ConnectError.HandshakeFailed);

    // Every property is right, but the kernel does not map it: the error is a system call's.
    [Rule("SH-04")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("same-twice")]
    [InlineData("read-only-mine")]
    public void Connect_MemoryThatCannotBeMapped_IsRefusedAndNothingIsKept(string departure) =>
        ConnectIsRefused(departure, ConnectError.System);

    [NeedsTheory(Need.Gcc)]
    [InlineData("geometry-segment")]
    [InlineData("geometry-ring")]
    [InlineData("geometry-ring-offset")]
    [InlineData("geometry-slots")]
    [InlineData("geometry-slot-bytes")]
    [InlineData("geometry-slots-offset")]
    [InlineData("geometry-credits")]
    [InlineData("geometry-inline")]
    [InlineData("version-2")]
    [InlineData("magic")]
    [InlineData("epoch")]
    [InlineData("welcome-type")]
    [InlineData("welcome-short")]
    [InlineData("welcome-lying")]
    [InlineData("hang-up-1")]
    [InlineData("hang-up-2")]
    [InlineData("no-header")]
    [InlineData("bad-header")]
    [InlineData("go-type")]
    [InlineData("reject-unknown")]
    public void Connect_WrongPackets_IsRefusedAndNothingIsKept(string departure) =>
        ConnectIsRefused(departure, ConnectError.HandshakeFailed);

    [NeedsFact(Need.Gcc)]
    public void Connect_RejectedWithALongText_SaysWhy() => ConnectIsRefused("reject-long", ConnectError.Overloaded);

    [NeedsFact(Need.Gcc)]
    public void Connect_ServerSaysNothing_EndsByOurOwnTimeOut() => ConnectIsRefused("stall-1", ConnectError.TimedOut);

    [Rule("SH-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("reply-generation")]
    [InlineData("reply-length")]
    [InlineData("reply-length-max")]
    [InlineData("lie-head")]
    [InlineData("lie-done")]
    [InlineData("bad-record")]
    [InlineData("bad-packet")]
    public void Connection_ServerLies_EndsWithPeerFault(string departure)
    {
        (Status status, DisconnectReason reason) = CallUntilItEnds(departure);

        Assert.NotEqual(Status.Ok, status);
        Assert.Equal(DisconnectReason.PeerFault, reason);
    }

    [Rule("SH-05")]
    [NeedsTheory(Need.Gcc)]
    [InlineData("hang-up-3")]
    [InlineData("hang-up-in-call")]
    [InlineData("scribble")]
    public void Connection_ServerGoesAway_CallsEnd(string departure)
    {
        (Status status, _) = CallUntilItEnds(departure);

        Assert.NotEqual(Status.Ok, status);
    }

    [NeedsFact(Need.Gcc)]
    public void Connection_ServerNeverAnswers_CallEndsByItsDeadline()
    {
        using var server = new DepartingServer("silent");
        using Endpoint endpoint = Patient.Connect(server.Address);

        CallResult result = endpoint.Call(PeerOperation.Echo, [1], [], Deadline.After(TimeSpan.FromMilliseconds(200)));

        Assert.Equal(Status.DeadlineExceeded, result.Status);
        Assert.Equal(EndpointState.Connected, endpoint.State); // Slow is not broken.
    }

    // These lies need not be noticed: the reply is taken before, or the word is not looked at.
    [NeedsTheory(Need.Gcc)]
    [InlineData("reply-length-later")]
    [InlineData("reply-twice")]
    [InlineData("lie-state")]
    public void Connection_ServerLiesWhereNobodyLooks_HarmsNobody(string departure) => CallUntilItEnds(departure, callsMax: 2000);

    // What the process makes once and keeps (the runtime's pipe for child processes, our reactor of all clients) is there
    // before the first test counts.
    private static bool WarmUp()
    {
        using var server = new DepartingServer("honest");
        using Endpoint endpoint = Patient.Connect(server.Address);
        return endpoint.Call(PeerOperation.Echo, [], []).IsOk;
    }

    private static void ConnectIsRefused(string departure, ConnectError error)
    {
        Assert.True(s_isWarm.Value);
        ProcessAccounting before = ProcessAccounting.Take();
        using (var server = new DepartingServer(departure))
        {
            GangwayException refused = Assert.Throws<GangwayException>(
                () => Domain.Connect(server.Address, options: new EndpointOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }).Dispose());

            Assert.Equal(error, refused.Error);
            Assert.Equal(server.Address, refused.Address);
            Assert.Contains(server.Address, refused.Message, StringComparison.Ordinal);
            server.AssertResisted();
        }

        before.AssertNothingLeft();
    }

    private (Status Status, DisconnectReason Reason) CallUntilItEnds(string departure, int callsMax = int.MaxValue)
    {
        Assert.True(s_isWarm.Value);
        ProcessAccounting before = ProcessAccounting.Take();
        Status status = Status.Ok;
        DisconnectReason reason;
        using (var server = new DepartingServer(departure))
        using (Endpoint endpoint = Domain.Connect(server.Address))
        {
            byte[] request = new byte[64];
            byte[] reply = new byte[Transaction.ReplyBytesMax];
            Watchdog.Run(() =>
            {
                for (int i = 0; i < callsMax && status == Status.Ok; i++)
                {
                    status = endpoint.Call(PeerOperation.Echo, request, reply).Status;
                }
            });

            if (status != Status.Ok)
            {
                Watchdog.Until(() => endpoint.DisconnectReason != DisconnectReason.None, "the end of the connection");
            }


            reason = endpoint.DisconnectReason;
            output.WriteLine($"{departure}: {status}, {reason}: {endpoint.DisconnectDetail}");
            endpoint.Dispose();
            server.AssertResisted();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        before.AssertNothingLeft();
        return (status, reason);
    }
}
