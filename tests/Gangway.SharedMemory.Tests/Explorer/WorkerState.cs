// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Where a thread of a scenario is.</summary>
internal enum WorkerState
{
    /// <summary>Not begun.</summary>
    Ready,

    /// <summary>Running, or able to.</summary>
    Active,

    /// <summary>In the kernel model, until its condition holds.</summary>
    Blocked,

    /// <summary>Killed: it does nothing more.</summary>
    Stopped,

    /// <summary>At its end.</summary>
    Done,
}
