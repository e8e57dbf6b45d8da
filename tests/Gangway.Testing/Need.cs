// SPDX-License-Identifier: MIT

namespace Gangway.Testing;

/// <summary>What a test needs of the machine.</summary>
[Flags]
public enum Need
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To run as root, for tests that act as several users.</summary>
    Root = 1,

    /// <summary>The C compiler and the headers of the C library.</summary>
    Gcc = 2,

    /// <summary>strace, to make the n-th system call fail or kill.</summary>
    Strace = 4,
}
