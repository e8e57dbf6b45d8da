// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>A POSIX signal's place at a port.</summary>
internal sealed class PosixSignalNode(EventPort port, PosixSignal signal, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.PosixSignal, options)
{
    private PosixSignalRegistration? _registration;

    internal void Start() => _registration = PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        TrySignal(0);
    });

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => _registration?.Dispose();

    /// <inheritdoc/>
    protected override Packet Make(Signals signals) =>
        new(new Binding(this), Key, Kind, Priority, 0, signals.Count, (int)signal, default);
}
