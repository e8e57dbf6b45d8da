// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway;

/// <summary>A descriptor's place at a port, and in the port's epoll.</summary>
internal sealed class DescriptorNode(
    EventPort port, EpollBackend backend, SafeHandle handle, DescriptorEvents interest, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Descriptor, options)
{
    // Design:
    //
    // Edge is EPOLLET, registered once. The others are EPOLLONESHOT: the kernel says it once, and looks again when the
    // registration is modified, which a level does when it is delivered, the others when they are armed.

    private readonly uint _wanted = (uint)interest;
    private bool _skipsReport = options.Mode == TriggerMode.Edge;

    /// <summary>With the number what the kernel reports: a late report of a number that was used again is known.</summary>
    internal ulong Serial { get; init; }

    /// <summary>Whether what the kernel reports at once, because it is ready at bind, is still to come.</summary>
    internal bool SkipsReport => Volatile.Read(ref _skipsReport);

    private protected override TriggerMode WordMode => Mode == TriggerMode.Level ? TriggerMode.Edge : Mode;

    /// <summary>Registers it.</summary>
    internal Errno Start(bool isMasked) => backend.Epoll.Add(handle, Wish(isMasked), EpollBackend.DataOf(this));

    /// <summary>The first look is over, or there is none.</summary>
    internal void EndFirstLook() => Volatile.Write(ref _skipsReport, false);

    /// <summary>The baton's holder: the kernel reports it.</summary>
    internal void OnReport(EpollEvents events)
    {
        if (SkipsReport)
            EndFirstLook();
        else
            TrySignal((uint)events);
    }

    /// <inheritdoc/>
    internal override bool TryDeliver(out Packet packet, out NodeFate fate)
    {
        if (!base.TryDeliver(out packet, out fate))
            return false;
        if (Mode == TriggerMode.Level)
            LookAgain(isMasked: false);
        return true;
    }

    /// <inheritdoc/>
    internal override bool TryArm()
    {
        if (!base.TryArm())
            return false;
        if (Mode != TriggerMode.Edge)
            LookAgain(isMasked: false);
        return true;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        // Who closed it before has taken it out of the kernel's list by that.
        try
        {
            backend.Epoll.Remove(handle);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private void LookAgain(bool isMasked)
    {
        try
        {
            backend.Epoll.Modify(handle, Wish(isMasked), EpollBackend.DataOf(this));
        }
        catch (ObjectDisposedException)
        {
            // Closed behind our back: it reports nothing any more, and that is what was asked for.
        }
    }

    private EpollEvents Wish(bool isMasked) =>
        isMasked ? EpollEvents.OneShot : (EpollEvents)_wanted | (Mode == TriggerMode.Edge ? EpollEvents.Edge : EpollEvents.OneShot);
}
