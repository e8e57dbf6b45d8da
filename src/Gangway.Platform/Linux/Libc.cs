// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Gangway.Platform;

/// <summary>The C library that every import names, and where its errors are read.</summary>
internal static class Libc
{
    /// <summary>The library's name; the runtime knows that it stands for <c>libc.so.6</c>.</summary>
    internal const string Name = "libc";

    /// <summary>Why the last import of this thread with <c>SetLastError</c> failed.</summary>
    internal static Errno LastError() => (Errno)Marshal.GetLastPInvokeError();
}
