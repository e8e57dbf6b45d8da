// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>What the kernel says about a file or directory.</summary>
/// <param name="OwnerUid">Who owns it.</param>
/// <param name="Mode">Permission bits only, 0 to 07777 (octal).</param>
/// <param name="Inode">Its number on its device.</param>
/// <param name="Device">Its device: major in the upper, minor in the lower half.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsSocket">Whether it is a socket.</param>
internal readonly record struct FileStatus(
    uint OwnerUid, uint Mode, ulong Inode, ulong Device, bool IsDirectory, bool IsSocket);
