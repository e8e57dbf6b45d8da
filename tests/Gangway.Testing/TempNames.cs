// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Testing;

/// <summary>A folder of one test, and names that no other test or process uses. The folder goes with the object.</summary>
/// <remarks>The path is short on purpose: a Unix socket's path has room for 107 bytes.</remarks>
public sealed class TempNames : IDisposable
{
    private static int s_last;
    private int _lastName;

    /// <summary>Makes the folder, readable by this user only.</summary>
    public TempNames()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"gw-{Environment.ProcessId}-{Interlocked.Increment(ref s_last)}");
        Folder = Path.Combine(Path.GetTempPath(), Id);
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true); // Left by a process that had our number and was killed.
        }

        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A word that is in every name: unique among the living processes of this machine.</summary>
    public string Id { get; }

    /// <summary>The folder of this test, mode 0700.</summary>
    public string Folder { get; }

    /// <summary>A new name, for example for <c>shm:</c> addresses.</summary>
    public string Next(string stem = "n") =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}-{Id}-{Interlocked.Increment(ref _lastName)}");

    /// <summary>A path in the folder; nothing is made there.</summary>
    public string PathOf(string fileName) => Path.Combine(Folder, fileName);

    /// <summary>Lets another user enter the folder and read what is in it; a hostile client runs as one.</summary>
    public void OpenToOthers() => File.SetUnixFileMode(
        Folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
