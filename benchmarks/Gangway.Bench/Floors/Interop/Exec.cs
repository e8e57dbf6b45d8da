// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>Becomes another program; what <see cref="ParentDeath"/> asked for stays.</summary>
internal static unsafe partial class Exec
{
    /// <summary>Does not return if it succeeds.</summary>
    public static void Become(params ReadOnlySpan<string> command)
    {
        nint* arguments = stackalloc nint[command.Length + 1];
        for (int i = 0; i < command.Length; i++)
        {
            arguments[i] = Marshal.StringToCoTaskMemUTF8(command[i]);
        }

        arguments[command.Length] = 0;
        int result = execv(arguments[0], arguments);
        throw new InvalidOperationException($"execv of {command[0]} returned {result}.");
    }

    [LibraryImport("libc")]
    private static partial int execv(nint path, nint* arguments);
}
