// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>What the kernel says about a descriptor that is claimed to be a memfd.</summary>
/// <param name="Bytes">Length of the file.</param>
/// <param name="AllocatedBytes">How much of it exists: st_blocks times 512.</param>
/// <param name="IsTmpfs">Whether it lies on tmpfs, as every memfd without huge pages does; a file of a disk or of
/// FUSE can make a reader wait or fail whenever its owner likes.</param>
/// <param name="Seals">The seals; none for what cannot be sealed.</param>
/// <param name="OwnerUid">Who owns it.</param>
internal readonly record struct MemFdInfo(ulong Bytes, ulong AllocatedBytes, bool IsTmpfs, Seals Seals, uint OwnerUid);
