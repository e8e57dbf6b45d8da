// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>One step of an endpoint's life.</summary>
/// <param name="State">Where it has come to.</param>
/// <param name="PairId">Of the connection that it has, or had last: <see cref="Endpoint.PairId"/>.</param>
/// <param name="Epoch">The number of the connection, or of the attempt that is under way; 0 before the first one.</param>
/// <param name="Reason">Why the connection ended: <see cref="DisconnectReason.None"/> but in <see cref="EndpointState.Disconnecting"/>.</param>
public readonly record struct EndpointChange(EndpointState State, Guid PairId, ulong Epoch, DisconnectReason Reason);
