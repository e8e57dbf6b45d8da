// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway;

/// <summary>One report of an <see cref="EpollSet"/>.</summary>
/// <param name="Events">What its source is ready for, of what was asked; never <see cref="EpollMask.Edge"/> and its like.</param>
/// <param name="Data">What the source was added or last modified with.</param>
// The kernel writes descriptors' reports in place: it has the layout of Gangway.Platform.EpollEvent.
[StructLayout(LayoutKind.Sequential)]
public readonly record struct EpollReport(EpollMask Events, ulong Data);
