// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>What nobody may do to a memfd any more, its maker included (F_SEAL_* of linux/fcntl.h).</summary>
[Flags]
internal enum Seals : uint
{
    /// <summary>Nothing is sealed.</summary>
    None = 0,

    /// <summary>F_SEAL_SEAL: no more seals can be added.</summary>
    Seal = 0x01,

    /// <summary>F_SEAL_SHRINK: the file cannot become shorter.</summary>
    Shrink = 0x02,

    /// <summary>F_SEAL_GROW: the file cannot become longer.</summary>
    Grow = 0x04,

    /// <summary>F_SEAL_WRITE: nobody can change the contents.</summary>
    Write = 0x08,

    /// <summary>F_SEAL_FUTURE_WRITE: no new way to write; writable mappings made before it go on.</summary>
    FutureWrite = 0x10,

    /// <summary>F_SEAL_EXEC: the file cannot be made executable (Linux 6.3).</summary>
    Exec = 0x20,
}
