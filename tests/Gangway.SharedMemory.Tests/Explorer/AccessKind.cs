// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>The kinds of steps.</summary>
internal enum AccessKind : byte
{
    /// <summary>A read.</summary>
    Load,

    /// <summary>A write into the store buffer.</summary>
    BufferedStore,

    /// <summary>A write that is visible at once: without store buffers.</summary>
    VisibleStore,

    /// <summary>A full fence.</summary>
    Fence,

    /// <summary>A full fence on all threads of a process.</summary>
    FenceAll,

    /// <summary>A compare-and-swap.</summary>
    Swap,

    /// <summary>A call of the kernel model. It drains the store buffer, as the kernel's own locks do.</summary>
    Kernel,
}
