// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>What one connection costs the side that listens.</summary>
internal static class ConnectionCost
{
    /// <summary>Bytes of shared memory: a segment for each direction, without lanes.</summary>
    internal const long Bytes = 2 * SegmentLayout.SegmentBytes;

    /// <summary>Bytes of shared memory that the lanes of a connection take, in both segments.</summary>
    internal static long LaneBytes(SegmentShape shape) => 2L * (shape.Bytes - SegmentLayout.SegmentBytes);

    /// <summary>Mappings.</summary>
    internal const int Mappings = 2;

    /// <summary>Descriptors of a handshake: the socket, the client's process, and both segments.</summary>
    internal const int HandshakeDescriptors = 4;

    /// <summary>Transactions that a client can have under way on one connection.</summary>
    internal const int Transactions = SegmentLayout.SlotCount;
}
