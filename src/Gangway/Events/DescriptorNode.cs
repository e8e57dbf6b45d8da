// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway;

/// <summary>A descriptor's place at a port, and in the port's epoll.</summary>
internal class DescriptorNode(
    EventPort port, EpollBackend backend, SafeHandle handle, DescriptorEvents interest, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Descriptor, options)
{
    // Design:
    //
    // Edge is EPOLLET, registered once. The others are EPOLLONESHOT: the kernel says it once, and looks again when the
    // registration is modified, which a level does when it is delivered, the others when they are armed.

    // What the kernel was told is changed under a lock: a late change must not hit a later binding's registration of the
    // same descriptor.

    private readonly Lock _lock = new();
    private readonly uint _wanted = (uint)interest;
    private bool _isRegistered;
    private bool _skipsReport = options.Mode == TriggerMode.Edge;

    /// <summary>With the number what the kernel reports: a late report of a number that was used again is known.</summary>
    internal ulong Serial { get; set; }

    /// <summary>Whether what the kernel reports at once, because it is ready at bind, is still to come.</summary>
    internal bool SkipsReport => Volatile.Read(ref _skipsReport);

    private protected override TriggerMode WordMode => Mode == TriggerMode.Level ? TriggerMode.Edge : Mode;

    /// <summary>Registers it, unless the binding has been ended already.</summary>
    internal Errno Start(bool isMasked)
    {
        lock (_lock)
        {
            if (IsClosed)
                return Errno.None;
            EpollEvents events = isMasked && Mode != TriggerMode.Edge ? EpollEvents.OneShot : Wish;
            Errno errno = backend.Epoll.Add(handle, events, EpollBackend.DataOf(this));
            _isRegistered = errno == Errno.None;
            return errno;
        }
    }

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
    internal override Delivered Deliver(out Packet packet)
    {
        Delivered delivered = base.Deliver(out packet);
        if (delivered == Delivered.Once && Mode == TriggerMode.Level)
            LookAgain();
        return delivered;
    }

    /// <inheritdoc/>
    internal override bool TryArm()
    {
        if (Mode == TriggerMode.Edge)
            return base.TryArm();

        // What was reported while it was masked may be over. The kernel looks again, and says it again if it is not.
        TryTake(out _);
        if (!base.TryArm())
            return false;
        LookAgain();
        return true;
    }

    /// <inheritdoc/>
    internal override bool TryModify(BindingOptions options)
    {
        bool wasEdge = Mode == TriggerMode.Edge;
        if (!base.TryModify(options))
            return false;
        if (!wasEdge && Mode == TriggerMode.Edge)
            LookAgain();
        return true;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        // Who closed it before has taken it out of the kernel's list by that.
        lock (_lock)
        {
            if (!_isRegistered)
                return;
            _isRegistered = false;
            try
            {
                backend.Epoll.Remove(handle);
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }

    /// <inheritdoc/>
    internal override void OnUnboundElsewhere() => OnUnbound(default);

    private void LookAgain()
    {
        lock (_lock)
        {
            if (!_isRegistered)
                return;
            try
            {
                backend.Epoll.Modify(handle, Wish, EpollBackend.DataOf(this));
            }
            catch (ObjectDisposedException)
            {
                // Closed behind our back: it reports nothing any more, and that is what was asked for.
            }
        }
    }

    private EpollEvents Wish =>
        (EpollEvents)_wanted | (Mode == TriggerMode.Edge ? EpollEvents.Edge : EpollEvents.OneShot);
}
