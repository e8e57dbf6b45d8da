// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>A POSIX signal's place at a port.</summary>
internal sealed class PosixSignalNode(EventPort port, PosixSignal signal, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.PosixSignal, options)
{
    private readonly Lock _lock = new();
    private PosixSignalRegistration? _registration;

    /// <summary>A signal is a moment and no state: its level ends with its delivery.</summary>
    private protected override TriggerMode WordMode => Mode == TriggerMode.Level ? TriggerMode.Edge : Mode;

    internal void Start()
    {
        lock (_lock)
        {
            // Who ended the binding meanwhile has been here, or waits for the lock.
            if (IsClosed)
                return;
            _registration = PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                TrySignal(0);
            });
        }
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left)
    {
        lock (_lock)
            _registration?.Dispose();
    }

    /// <inheritdoc/>
    protected override Packet Make(Signals signals) =>
        new(new Binding(this), Key, Kind, Priority, 0, signals.Count, (int)signal, default);
}
