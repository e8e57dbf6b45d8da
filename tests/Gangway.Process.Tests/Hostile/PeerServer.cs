// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;

namespace Gangway.Process.Tests.Hostile;

/// <summary>The server under attack, in a process of its own, at a path that other users can reach.</summary>
internal sealed class PeerServer : IDisposable
{
    private readonly TempNames _names = new();
    private readonly ChildProcess _process;

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="admitted">The users that it admits beside its own.</param>
    public PeerServer(params int[] admitted)
        : this(admitted, [])
    {
    }

    /// <summary>Starts it with limits and waits until it listens.</summary>
    /// <param name="admitted">The users that it admits beside its own.</param>
    /// <param name="limits">More options of the verb <c>serve</c>.</param>
    public PeerServer(int[] admitted, params string[] limits)
    {
        _names.OpenToOthers();
        SocketPath = _names.PathOf("server");
        string peer = Path.Combine(AppContext.BaseDirectory, "Gangway.Process.Peer.dll");
        _process = ChildProcess.Start(ChildProcessStart.Assembly(
            peer,
            ["serve", Address, .. admitted.SelectMany(static user => new[] { "--admit", user.ToString(CultureInfo.InvariantCulture) }), .. limits]));
        _process.ReadLineStarting("ready");
    }

    /// <summary>Where its socket is.</summary>
    public string SocketPath { get; }

    /// <summary>The address for clients that use the library.</summary>
    public string Address => "shm:" + SocketPath;

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The same, to be stopped.</summary>
    public ChildProcess Process => _process;

    /// <summary>Whether it is alive.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>What it wrote to standard error.</summary>
    public string Errors => _process.Errors;

    /// <summary>Its listener's counts.</summary>
    public PeerCounts Counts()
    {
        long[] numbers = [.. Ask("stats").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        return new PeerCounts(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    /// <summary>What is charged to its users: connections, bytes, bytes kept, mappings, descriptors, transactions.</summary>
    public long[] Charged() =>
        [.. Ask("charged").Split(' ').Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];

    /// <summary>The number that answers a line.</summary>
    public long Number(string line) => long.Parse(Ask(line).Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Its descriptors of the kinds that connections have; the runtime opens others whenever it likes.</summary>
    public string[] ConnectionDescriptors() =>
    [
        .. new DirectoryInfo($"/proc/{ProcessId}/fd").EnumerateFileSystemInfos().Select(TargetOf)
            .Where(static target => target.Contains("socket", StringComparison.Ordinal) || target.Contains("pidfd", StringComparison.Ordinal)
                || target.Contains("memfd:gangway", StringComparison.Ordinal)),
    ];

    /// <summary>Sends a line and returns the line that answers it.</summary>
    public string Ask(string line)
    {
        _process.WriteLine(line);
        return _process.ReadLine();
    }

    /// <summary>What the kernel says that it holds, after everything that only waits for the collector is gone.</summary>
    public ProcessAccounting Accounting()
    {
        Ask("collect");
        return ProcessAccounting.Take(ProcessId);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _names.Dispose();
    }

    private static string TargetOf(FileSystemInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // Closed while we looked.
        }
    }
}
