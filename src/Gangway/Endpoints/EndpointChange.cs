// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>One step of an endpoint's life.</summary>
/// <param name="State">Where it has come to.</param>
/// <param name="Epoch">The number of the attempt, or connection, that this is about; 0 before the first one.</param>
/// <param name="Reason">Why the connection ended: <see cref="DisconnectReason.None"/> but in <see cref="EndpointState.Disconnecting"/>.</param>
public readonly record struct EndpointChange(EndpointState State, ulong Epoch, DisconnectReason Reason);
