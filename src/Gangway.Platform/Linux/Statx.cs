// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary><c>struct statx</c> up to the members that are used; the same layout on every CPU, unlike struct stat.</summary>
[CStruct("struct statx")]
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct Statx
{
    internal uint stx_mask;
    internal uint stx_blksize;
    internal ulong stx_attributes;
    internal uint stx_nlink;
    internal uint stx_uid;
    internal uint stx_gid;
    internal ushort stx_mode;
    internal ushort __spare0;
    internal ulong stx_ino;
    internal ulong stx_size;
    internal ulong stx_blocks;
    internal ulong stx_attributes_mask;
    internal StatxTimestamp stx_atime;
    internal StatxTimestamp stx_btime;
    internal StatxTimestamp stx_ctime;
    internal StatxTimestamp stx_mtime;
    internal uint stx_rdev_major;
    internal uint stx_rdev_minor;
    internal uint stx_dev_major;
    internal uint stx_dev_minor;

    /// <summary><c>struct statx_timestamp</c>.</summary>
    [CStruct("struct statx_timestamp")]
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct StatxTimestamp
    {
        internal long tv_sec;
        internal uint tv_nsec;
    }
}
