// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Where the words of a lane tree lie: none over another, each below its parent.</summary>
public sealed class LaneGeometryTests
{
    [Theory]
    [InlineData(256, 2, 2112)]
    [InlineData(8192, 3, 67_648)]
    [InlineData(262_144, 4, 2_164_800)]
    public void Geometry_OfEachSize_IsWhatTheDesignSays(int lanes, int levels, int bytes)
    {
        LaneGeometry geometry = LaneGeometry.ForLanes(lanes)!;
        Assert.Equal(lanes, geometry.Lanes);
        Assert.Equal(levels, geometry.Levels);
        Assert.Equal(bytes, geometry.WordBytes);
        Assert.Same(geometry, LaneGeometry.OfBytes(bytes));
        Assert.Same(geometry, LaneGeometry.ForLanes(lanes - 1));
        Assert.Null(LaneGeometry.OfBytes(bytes + 8));
        Assert.Null(LaneGeometry.OfBytes(bytes - 64));
    }

    [Fact]
    public void Geometry_ForMoreLanesThanThereAre_IsNone()
    {
        Assert.Null(LaneGeometry.ForLanes(262_145));
        Assert.Null(LaneGeometry.OfBytes(64));
        Assert.Equal(256, LaneGeometry.ForLanes(0)!.Lanes);
    }

    [Fact]
    public void Words_OfAllLevels_FillTheBytesWithoutAGap()
    {
        foreach (LaneGeometry geometry in LaneGeometry.All)
        {
            int end = 0;
            for (int level = 0; level < geometry.Levels; level++)
            {
                Assert.Equal(end, LaneGeometry.Offset(level, 0));
                Assert.Equal(0, LaneGeometry.Offset(level, 0) % SegmentLayout.LineBytes);
                end = LaneGeometry.Offset(level, LaneGeometry.WordsOf(level));
            }

            Assert.Equal(geometry.WordBytes, end);
        }
    }

    [Fact]
    public void Lane_OnItsWayUp_PassesTheWordsThatItsNumberNames()
    {
        foreach (LaneGeometry geometry in LaneGeometry.All)
        {
            foreach (int lane in (int[])[0, 1, 31, 32, geometry.Lanes / 2 - 1, geometry.Lanes - 1])
            {
                int index = lane;
                for (int level = geometry.LaneLevel; level > 0; level--)
                {
                    Assert.Equal(index, lane >> geometry.ShiftOf(level));
                    int parent = LaneGeometry.ParentOf(index);
                    int place = index - LaneGeometry.FirstChildOf(parent);
                    Assert.InRange(place, 0, LaneGeometry.Children - 1);
                    Assert.Equal(1u << place, LaneGeometry.BitOf(index));
                    index = parent;
                }

                Assert.InRange(index, 0, LaneGeometry.Roots - 1);
            }
        }
    }
}
