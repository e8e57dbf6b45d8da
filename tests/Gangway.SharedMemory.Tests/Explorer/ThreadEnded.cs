// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Unwinds a thread that was killed, or whose execution is over. No step that it still tries is done.</summary>
internal sealed class ThreadEnded : Exception
{
    internal static readonly ThreadEnded Instance = new();
}
