// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Private memory into which one record at a time is copied before anybody looks at it.</summary>
internal sealed class ScratchBuffer(int bytes)
{
    private uint _stamp;

    /// <summary>The memory.</summary>
    internal byte[] Bytes { get; } = new byte[bytes];

    /// <summary>Which record is in it.</summary>
    internal uint Stamp => _stamp;

    /// <summary>Makes what refers to the last record invalid.</summary>
    internal void Retire() => _stamp++;
}
