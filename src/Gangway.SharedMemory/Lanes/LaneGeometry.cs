// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory;

/// <summary>How many lanes there are, and where the words of a lane tree lie: the same for `set` and for `ack` words.</summary>
internal sealed class LaneGeometry
{
    // Design:
    //
    // A word of the lowest level is a lane; one of a level above is the parent of 32 words of the next. Eight roots share a
    // line, so one look at a line says whether anything is signalled. A level starts at the same place in each geometry,
    // because those above it are always full: a geometry is a prefix of the next.

    /// <summary>Words of the highest level: one cache line.</summary>
    internal const int Roots = 8;

    /// <summary>Bits of a lane, and children of a parent.</summary>
    internal const int Children = 32;

    /// <summary>One more in the upper half of a word, which wraps.</summary>
    internal const ulong CountOne = 1UL << 32;

    /// <summary>The most lanes that there are.</summary>
    internal const int LanesMax = 262_144;

    private const int ChildBits = 5;

    private static readonly int[] s_levelOffsets = [0, 64, 2112, 67_648, 2_164_800];
    private static readonly LaneGeometry[] s_all = [new(2), new(3), new(4)];

    private LaneGeometry(int levels) => Levels = levels;

    /// <summary>The geometries that there are: 256, 8,192 and 262,144 lanes.</summary>
    internal static ReadOnlySpan<LaneGeometry> All => s_all;

    /// <summary>Levels of words, lanes included: 2, 3 or 4. The roots are level 0.</summary>
    internal int Levels { get; }

    /// <summary>The level of the lanes themselves.</summary>
    internal int LaneLevel => Levels - 1;

    /// <summary>How many lanes there are.</summary>
    internal int Lanes => WordsOf(LaneLevel);

    /// <summary>How many bytes the `set` words take; the `ack` words take as many.</summary>
    internal int WordBytes => s_levelOffsets[Levels];

    /// <summary>The smallest geometry with so many lanes; null when there are none with so many.</summary>
    internal static LaneGeometry? ForLanes(int lanes) => Array.Find(s_all, geometry => geometry.Lanes >= lanes);

    /// <summary>The geometry whose words take so many bytes; null when there is none.</summary>
    internal static LaneGeometry? OfBytes(int bytes) => Array.Find(s_all, geometry => geometry.WordBytes == bytes);

    /// <summary>How many words a level has.</summary>
    internal static int WordsOf(int level) => Roots << level * ChildBits;

    /// <summary>Where a word lies, from the first root on.</summary>
    internal static int Offset(int level, int index) => s_levelOffsets[level] + index * sizeof(ulong);

    /// <summary>How far the number of a lane is shifted to get the number of the word of a level that it is below.</summary>
    internal int ShiftOf(int level) => (LaneLevel - level) * ChildBits;

    /// <summary>The word above a word.</summary>
    internal static int ParentOf(int index) => index >> ChildBits;

    /// <summary>The first word below a word.</summary>
    internal static int FirstChildOf(int index) => index << ChildBits;

    /// <summary>The bit of a word in its parent.</summary>
    internal static uint BitOf(int index) => 1u << (index & (Children - 1));
}
