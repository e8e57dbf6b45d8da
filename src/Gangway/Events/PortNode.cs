// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A port's place at another port: signalled when the inner one has something to take.</summary>
internal sealed class PortNode(EventPort port, EventPort inner, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Port, options)
{
    /// <summary>The port that is bound.</summary>
    internal EventPort Inner => inner;

    private protected override TriggerMode WordMode => Mode == TriggerMode.Level ? TriggerMode.Edge : Mode;

    /// <inheritdoc/>
    internal override bool TryDeliver(out Packet packet, out NodeFate fate)
    {
        bool isDue = base.TryDeliver(out packet, out fate);
        if (!isDue || Mode != TriggerMode.Level)
            return isDue;

        // A level stands for as long as there is something: it comes again behind the others.
        if (!inner.MayHavePackets)
            return false;
        TrySignal(0);
        return true;
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
