// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Names an entry of a reactor's table in an epoll event: index and number of use, so that nothing late is taken for something new.</summary>
/// <param name="Value">The generation in the high half, one more than the index in the low half.</param>
internal readonly record struct ReactorToken(ulong Value)
{
    internal ReactorToken(int index, uint generation)
        : this((ulong)generation << 32 | (uint)(index + 1))
    {
    }

    /// <summary>The index; -1 for the default token, which names the reactor's own wake-up.</summary>
    internal int Index => (int)(uint)Value - 1;
}
