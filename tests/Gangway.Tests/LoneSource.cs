// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>Something that a reactor polls, and by which nobody sends.</summary>
internal abstract class LoneSource : ReactorSource
{
    internal override Endpoint Endpoint => throw Lone();

    internal override Reactor Reactor => throw Lone();

    internal override string? FaultDetail => null;

    internal override EndpointStatistics Statistics => default;

    internal override int LanesToSend => 0;

    internal override int LanesToReceive => 0;

    internal override CallResult Call(
        uint operation, ReadOnlySpan<byte> request, Span<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain) => throw Lone();

    internal override ValueTask<CallResult> CallAsync(
        uint operation, ReadOnlySpan<byte> request, Memory<byte> reply, Deadline deadline, ReadOnlySpan<ulong> chain,
        CancellationToken cancellationToken) => throw Lone();

    internal override Status TrySend(uint operation, ReadOnlySpan<byte> payload) => throw Lone();

    internal override Status Send(uint operation, ReadOnlySpan<byte> payload, Deadline deadline) => throw Lone();

    internal override bool TryReply(int slot, ulong generation, Status status, ReadOnlySpan<byte> reply) => throw Lone();

    internal override void NoteRequest(Delivery delivery) => throw Lone();

    internal override void CompleteMessage() => throw Lone();

    internal override int Grant(Notification notification, uint permitted) => throw Lone();

    internal override void Permit(int lane, uint permitted) => throw Lone();

    internal override void PrepareSender() => throw Lone();

    internal override void Signal(int lane, uint bits) => throw Lone();

    internal override void Fault(string detail) => throw Lone();

    internal override void LeaveAwaited(int slot, bool isAbandoned) => throw Lone();

    private protected override void CancelRequest(int slot) => throw Lone();

    private static InvalidOperationException Lone() => new("Nobody sends by this source.");
}
