// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>An endpoint's place at a port: its connection begins, ends, or has room again.</summary>
internal sealed class EndpointNode(EventPort port, Endpoint endpoint, ulong key, BindingOptions options)
    : NotificationNode(port, endpoint.Events, PacketKind.Endpoint, key, options)
{
    /// <inheritdoc/>
    protected override Packet Make(Signals signals) => new(
        new Binding(this), Key, Kind, Priority, signals.Bits, signals.Count, (int)endpoint.DisconnectReason, default);
}
