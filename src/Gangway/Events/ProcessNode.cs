// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway;

/// <summary>A process's place at a port.</summary>
internal sealed class ProcessNode(EventPort port, Process process, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Process, options)
{
    private int _hasSignalled;

    internal void Start()
    {
        process.Exited += OnExited;
        process.EnableRaisingEvents = true;
        if (process.HasExited)
            OnExited(process, EventArgs.Empty);
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => process.Exited -= OnExited;

    /// <inheritdoc/>
    protected override Packet Make(Signals signals) =>
        new(new Binding(this), Key, Kind, Priority, 0, 1, process.ExitCode, default);

    private void OnExited(object? sender, EventArgs e)
    {
        if (Interlocked.Exchange(ref _hasSignalled, 1) == 0)
            TrySignal(0);
    }
}
