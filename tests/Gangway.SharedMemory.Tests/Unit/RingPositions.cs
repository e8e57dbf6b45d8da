// SPDX-License-Identifier: MIT

using System.Reflection;

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>Puts private counters where a run would come only after days: near 2^32, or at any place of the ring.</summary>
/// <remarks>By reflection, because production code has no use for starting anywhere but at zero.</remarks>
internal static class RingPositions
{
    internal static void Set(RingReader<ProcessMemory> reader, ulong position) => Field(reader, "_position").SetValue(reader, position);

    internal static void Set(RingWriter<ProcessMemory> writer, ulong position) => Field(writer, "_position").SetValue(writer, position);

    /// <summary>Makes a window believe that so much was sent, read and completed before.</summary>
    internal static void Set(SendWindow<ProcessMemory> window, ulong position, ulong messages)
    {
        var words = (PrivateWords)Field(window, "_words").GetValue(window)!;
        words[0] = messages << 32 | (uint)(position / SegmentLayout.LineBytes);
        words[1] = position;
        words[2] = messages;
        words[3] = position;
    }

    private static FieldInfo Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"{owner.GetType()} has no field {name}.");
}
