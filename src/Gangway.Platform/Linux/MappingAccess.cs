// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>What a <see cref="Mapping"/> lets its process do.</summary>
internal enum MappingAccess
{
    /// <summary>PROT_READ.</summary>
    Read,

    /// <summary>PROT_READ and PROT_WRITE.</summary>
    ReadWrite,
}
