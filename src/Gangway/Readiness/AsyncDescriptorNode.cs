// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>A descriptor's place at the owner of an <see cref="AsyncSignalSource"/>: what it has goes into the queue there.</summary>
internal sealed class AsyncDescriptorNode(
    EventPort port, EpollBackend backend, SafeHandle handle, DescriptorEvents interest, AsyncSignal signal)
    : DescriptorNode(port, backend, handle, interest, signal.Key, signal.Source.Options)
{
    /// <inheritdoc/>
    internal override Delivered Deliver(out Packet packet)
    {
        Delivered delivered = base.Deliver(out packet);
        if (delivered != Delivered.Once)
            return delivered;
        signal.Source.HandOver(signal, this, packet);
        return Delivered.Nothing;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        base.OnUnbound(left);
        signal.Source.Forget(signal, this);
    }

    /// <inheritdoc/>
    internal override bool TryModify(BindingOptions options) => base.TryModify(options with { Mode = TriggerMode.Edge });
}
