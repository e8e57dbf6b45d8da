// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A port's place at another port: signalled when the inner one has something to take.</summary>
internal sealed class PortNode(EventPort port, EventPort inner, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Port, options)
{
    private bool _isMissed;

    /// <summary>The port that is bound.</summary>
    internal EventPort Inner => inner;

    /// <summary>The outer port's poller is about to mark the inner one's baton: <see cref="BatonMarks.OuterPoller"/>.</summary>
    internal void Miss() => Volatile.Write(ref _isMissed, true);

    /// <summary>Whether the outer port's poller came by in vain, and was not woken since.</summary>
    internal bool TakeMissed() => Volatile.Read(ref _isMissed) && Interlocked.Exchange(ref _isMissed, false);

    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        // A level stands for as long as there is something. What was linked there since the look has signalled before the
        // second one, and that signal may have been taken here.
        if (Mode == TriggerMode.Level && !inner.MayHavePackets && TryTake(out _) && inner.MayHavePackets)
            TrySignal(0);
        return base.Deliver(out packet);
    }

    /// <inheritdoc/>
    internal override bool TryArm()
    {
        if (!base.TryArm())
            return false;
        if (inner.MayHavePackets)
            TrySignal(0);
        return true;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => inner.RemoveOuter(this);
}
