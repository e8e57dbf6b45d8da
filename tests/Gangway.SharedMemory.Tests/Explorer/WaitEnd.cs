// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Why a wait in the kernel model is over.</summary>
internal enum WaitEnd
{
    /// <summary>What it waited for has happened.</summary>
    Happened,

    /// <summary>Its time was over.</summary>
    TimedOut,

    /// <summary>For no reason.</summary>
    Spurious,
}
