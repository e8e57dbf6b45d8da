// SPDX-License-Identifier: MIT

using System.Security.Cryptography;

namespace Gangway;

/// <summary>Which connection of which two endpoints.</summary>
/// <param name="Pair">The two endpoints: 128 random bits, which the listening side gave; all zero before the first connection.</param>
/// <param name="Epoch">The number of the attempt, from 1 up.</param>
internal readonly record struct ConnectionId(Guid Pair, ulong Epoch)
{
    /// <summary>A pair that nobody can guess.</summary>
    internal static Guid NewPair()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new Guid(bytes);
    }
}
