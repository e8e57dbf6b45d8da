// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway;

/// <summary>A process's place at a port.</summary>
internal sealed class ProcessNode(EventPort port, Process process, ulong key, BindingOptions options)
    : SourceNode(port, key, PacketKind.Process, options)
{
    private int _hasSignalled;
    private int _exitCode;

    /// <exception cref="InvalidOperationException">It was never started.</exception>
    internal void Start()
    {
        // No first look.
        if (process.HasExited && Mode == TriggerMode.Edge)
            return;
        process.Exited += OnExited;
        process.EnableRaisingEvents = true;
        if (process.HasExited)
            OnExited(process, EventArgs.Empty);

        // Who ended the binding meanwhile may have been here before.
        if (IsClosed)
            process.Exited -= OnExited;
    }

    /// <inheritdoc/>
    internal override void OnUnbound(Signals left) => process.Exited -= OnExited;

    /// <inheritdoc/>
    protected override Packet Make(Signals signals) =>
        new(new Binding(this), Key, Kind, Priority, 0, 1, _exitCode, default);

    private void OnExited(object? sender, EventArgs e)
    {
        if (Interlocked.Exchange(ref _hasSignalled, 1) != 0)
            return;

        // Now, and not at delivery: the program may dispose the process before.
        try
        {
            _exitCode = process.ExitCode;
        }
        catch (InvalidOperationException)
        {
            _exitCode = -1;
        }

        TrySignal(0);
    }
}
