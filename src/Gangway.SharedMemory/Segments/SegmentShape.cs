// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>What differs between the segments of two connections: whether they have lanes, and how many.</summary>
/// <remarks>Both segments of a connection have one shape. `default` is the shape without lanes.</remarks>
internal readonly record struct SegmentShape
{
    // Design:
    //
    // Behind what every segment has come the words of the lanes to the server, then those of the lanes to the client, each
    // from a page of its own on. In the segment of whoever signals a lane they are `set` words, in the other's `ack` words,
    // at the same place. So one number says where a lane is on both sides.

    private const int PageBytes = 4096;

    private SegmentShape(LaneGeometry? toServer, LaneGeometry? toClient)
    {
        ToServer = toServer;
        ToClient = toClient;
    }

    /// <summary>Words of a shape in a header and in <c>Welcome</c>.</summary>
    internal const int GeometryWords = 10;

    /// <summary>The lanes that the client signals; null when there are none.</summary>
    internal LaneGeometry? ToServer { get; }

    /// <summary>The lanes that the server signals; null when there are none.</summary>
    internal LaneGeometry? ToClient { get; }

    /// <summary>Where the words of the lanes to the server start.</summary>
    internal static int ToServerOffset => SegmentLayout.SegmentBytes;

    /// <summary>Where the words of the lanes to the client start.</summary>
    internal int ToClientOffset => ToServerOffset + PageBytesOf(ToServer);

    /// <summary>The size of each of the two segments.</summary>
    internal int Bytes => ToClientOffset + PageBytesOf(ToClient);

    /// <summary>The smallest shape that has so many lanes.</summary>
    /// <returns>False when there is none with so many.</returns>
    internal static bool TryMake(uint lanesToServer, uint lanesToClient, out SegmentShape shape)
    {
        shape = default;
        if (!TryFit(lanesToServer, out LaneGeometry? toServer) || !TryFit(lanesToClient, out LaneGeometry? toClient))
            return false;
        shape = new SegmentShape(toServer, toClient);
        return true;
    }

    /// <summary>Writes the words in the order in which a header and <c>Welcome</c> carry them.</summary>
    /// <param name="words">Room for <see cref="GeometryWords"/>.</param>
    internal void CopyTo(Span<uint> words)
    {
        words[0] = (uint)Bytes;
        SegmentLayout.Geometry.CopyTo(words[1..]);
        words[8] = (uint)(ToServer?.Lanes ?? 0);
        words[9] = (uint)(ToClient?.Lanes ?? 0);
    }

    private static bool TryFit(uint lanes, out LaneGeometry? geometry)
    {
        geometry = lanes is 0 or > int.MaxValue ? null : LaneGeometry.ForLanes((int)lanes);
        return lanes == 0 || geometry is not null;
    }

    private static int PageBytesOf(LaneGeometry? geometry) =>
        geometry is null ? 0 : (geometry.WordBytes + PageBytes - 1) / PageBytes * PageBytes;
}
