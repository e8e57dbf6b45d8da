// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What a thread is about to do, as far as it matters to other threads.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Cell">The cell that it reads or writes.</param>
/// <param name="SecondCell">Another one that it reads.</param>
/// <param name="IsShared">Whether another thread can notice when it is done.</param>
internal readonly record struct Access(AccessKind Kind, Cell? Cell, Cell? SecondCell, bool IsShared)
{
    /// <summary>Whether it makes the thread's earlier stores visible.</summary>
    internal bool Drains => Kind is AccessKind.Fence or AccessKind.FenceAll or AccessKind.Swap or AccessKind.Kernel;

    /// <summary>Whether it changes memory at once.</summary>
    internal bool Writes => Kind is AccessKind.Swap or AccessKind.VisibleStore;

    /// <summary>Whether a process that is killed before it differs, for others, from one that is killed behind it.</summary>
    internal bool HasEffect => Kind is not AccessKind.Load && (Kind is not AccessKind.Fence || IsShared);
}
