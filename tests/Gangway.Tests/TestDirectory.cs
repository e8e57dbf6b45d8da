// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Tests;

/// <summary>Addresses in a directory of this process's tests; the user's own directory is never touched.</summary>
internal static class TestDirectory
{
    private static readonly TempNames s_names = new();

    /// <summary>A new address.</summary>
    internal static string NextAddress() => "shm:" + s_names.Next();

    /// <summary>The path of an address of <see cref="NextAddress"/>.</summary>
    internal static string PathOf(string address) => s_names.PathOf(address["shm:".Length..]);

#pragma warning disable CA2255 // The directory must be set before any test makes an address: that is what initializers are for.
    [ModuleInitializer]
    internal static void Set()
#pragma warning restore CA2255
    {
        Environment.SetEnvironmentVariable("GANGWAY_DIRECTORY", s_names.Folder);
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => s_names.Dispose();
    }
}
