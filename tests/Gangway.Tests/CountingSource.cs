// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;
using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>A source of a reactor that does nothing, and says when it is polled and ended.</summary>
internal sealed class CountingSource : ReactorSource, IDisposable
{
    private readonly Pipe _pipe = new();
    private long _polls;

    internal CountingSource(int processId, bool staysHot = false)
    {
        Assert.Equal(Errno.None, PidFd.Open(processId, out PidFd? process));
        PeerProcess = process!;
        PeerProcessKey = (ulong)processId;
        MayPoll = staysHot;
    }

    internal Action<CountingSource, DisconnectReason>? Ended { get; init; }

    /// <summary>How often it was polled.</summary>
    internal long Polls => Volatile.Read(ref _polls);

    internal override SafeHandle Descriptor => _pipe.Reader;

    internal override PidFd PeerProcess { get; }

    internal override ulong PeerProcessKey { get; }

    internal override bool MayPoll { get; }

    internal override int PeerCpu => -1;

    internal override DisconnectReason EndReason => DisconnectReason.None;

    internal override int LinesPerPoll => 1;

    /// <summary>Its peer closes.</summary>
    internal void HangUp() => _pipe.Server.Dispose();

    internal override int Poll(int budget)
    {
        Volatile.Write(ref _polls, _polls + 1);
        return MayPoll ? 1 : 0;
    }

    internal override void OnLoopTaken()
    {
    }

    internal override bool TryPark() => !MayPoll;

    internal override bool Wake() => true;

    internal override void PublishCpu(int cpu)
    {
    }

    internal override bool Attend() => false;

    internal override bool IsReadyToEnd(DisconnectReason reason) => true;

    internal override void End(DisconnectReason reason)
    {
        Ended?.Invoke(this, reason);
        Dispose();
    }

    // What a link does that nobody asks of this one.
    internal override Endpoint Endpoint => throw new NotSupportedException();

    internal override Reactor Reactor => throw new NotSupportedException();

    internal override string? FaultDetail => throw new NotSupportedException();

    internal override EndpointStatistics Statistics => throw new NotSupportedException();

    internal override void Start() => throw new NotSupportedException();

    internal override void EndSoon(DisconnectReason reason) => throw new NotSupportedException();

    internal override CallResult Call( uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain) => throw new NotSupportedException();

    internal override ValueTask<CallResult> CallAsync( uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain, CancellationToken cancellationToken) => throw new NotSupportedException();

    internal override Status TrySend(uint operation, ReadOnlySpan<byte> payload) => throw new NotSupportedException();

    internal override Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline) => throw new NotSupportedException();

    internal override bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply) => throw new NotSupportedException();

    internal override void NoteRequest(Delivery delivery) => throw new NotSupportedException();

    internal override void CompleteMessage() => throw new NotSupportedException();

    internal override int LanesToSend => throw new NotSupportedException();

    internal override int LanesToReceive => throw new NotSupportedException();

    internal override int Grant(Notification notification, uint permitted) => throw new NotSupportedException();

    internal override void Permit(int lane, uint permitted) => throw new NotSupportedException();

    internal override void PrepareSender() => throw new NotSupportedException();

    internal override void Signal(int lane, uint bits) => throw new NotSupportedException();

    internal override void Fault(string detail) => throw new NotSupportedException();

    internal override void LeaveAwaited(int slot, bool isAbandoned) => throw new NotSupportedException();

    /// <summary>The reactor has the process, and does so when it ends the source.</summary>
    public void Dispose() => _pipe.Dispose();
}
