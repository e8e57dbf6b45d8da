// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Process.Tests;

/// <summary>A running <c>load</c> process.</summary>
/// <param name="Process">The process.</param>
/// <param name="HangUp">When the kernel took its descriptors back.</param>
/// <param name="FirstLane">Its first lane in the journal.</param>
internal sealed record LoadClient(ChildProcess Process, Task<long> HangUp, int FirstLane) : IDisposable
{
    /// <summary>Lanes that one takes at most.</summary>
    public const int LaneCount = 4;

    /// <inheritdoc/>
    public void Dispose() => Process.Dispose();
}
