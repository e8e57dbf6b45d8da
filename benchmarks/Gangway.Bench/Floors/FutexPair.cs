// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors;

/// <summary>A request word and a reply word, each with 64 bytes of payload, on lines of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 512)]
internal struct FutexPair
{
    /// <summary>The number of the newest request; the server sleeps on it.</summary>
    [FieldOffset(0)]
    public uint Request;

    /// <summary>What the request carries.</summary>
    [FieldOffset(64)]
    public Payload RequestBytes;

    /// <summary>The number of the newest reply; the client sleeps on it.</summary>
    [FieldOffset(256)]
    public uint Reply;

    /// <summary>What the reply carries.</summary>
    [FieldOffset(320)]
    public Payload ReplyBytes;

    /// <summary>64 bytes as one value.</summary>
    [InlineArray(8)]
    public struct Payload
    {
        private ulong _word;
    }
}
