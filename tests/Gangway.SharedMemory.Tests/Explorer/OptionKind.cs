// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What may happen next.</summary>
internal enum OptionKind : byte
{
    /// <summary>A thread goes on.</summary>
    Run,

    /// <summary>Some of a thread's buffered stores to the cell in question become visible.</summary>
    Flush,

    /// <summary>The running thread executes nothing more: its process is being killed.</summary>
    Stop,

    /// <summary>The kernel tells of a process's death.</summary>
    Notice,

    /// <summary>A blocked thread's time is over.</summary>
    TimeOut,

    /// <summary>A blocked thread is woken by nobody.</summary>
    Spurious,
}
