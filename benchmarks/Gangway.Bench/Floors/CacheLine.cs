// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors;

/// <summary>One line of 64 bytes: the sequence word, and 56 bytes of payload that travel with it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct CacheLine
{
    /// <summary>How much payload fits beside the sequence word.</summary>
    public const int PayloadBytes = 56;

    /// <summary>Odd: a request. Even: its reply.</summary>
    public ulong Sequence;

    /// <summary>The bytes that go there and back.</summary>
    public Payload Bytes;

    /// <summary>56 bytes as one value, so that copying it is a handful of vector moves.</summary>
    [InlineArray(PayloadBytes / sizeof(ulong))]
    public struct Payload
    {
        private ulong _word;
    }
}
