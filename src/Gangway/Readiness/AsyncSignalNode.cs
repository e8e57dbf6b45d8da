// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>The place of a source's queue at its owner: delivers what waits there.</summary>
internal sealed class AsyncSignalNode(EventPort owner, AsyncSignalSource source, ulong key, BindingOptions options)
    : SourceNode(owner, key, PacketKind.PollEverything, options)
{
    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        // Its word first: what is handed over behind the look into the queue signals it again.
        Delivered delivered = base.Deliver(out packet);
        if (delivered != Delivered.Once)
            return delivered;
        if (!source.TryTake(out packet, out bool hasMore))
            return Delivered.Nothing;

        // Behind what is ready already: the others come between its packets.
        if (hasMore)
            TrySignal(0);
        return Delivered.Once;
    }

    /// <summary>What it delivers is in mode Edge, whatever else is wished.</summary>
    internal override bool TryModify(BindingOptions options) => base.TryModify(options with { Mode = TriggerMode.Edge });

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => source.Dispose();
}
