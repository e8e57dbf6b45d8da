// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Hostile;

/// <summary>The C program as a server that departs from the protocol in one way.</summary>
internal sealed class DepartingServer : IDisposable
{
    private readonly TempNames _names = new();
    private readonly ChildProcess _process;

    /// <summary>Starts it and waits until it listens.</summary>
    public DepartingServer(string departure)
    {
        string path = _names.PathOf("hostile");
        Address = "shm:" + path;
        _process = ChildProcess.Start(HostilePrograms.Hostile, "server", path, departure);
        _process.ReadLineStarting("ready");
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Waits for the end of its connection, and for what it saw of its client.</summary>
    public void AssertResisted()
    {
        string result = _process.ReadLineStarting("RESULT ");
        Assert.True(result.Split(' ')[2] == "resisted", result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _names.Dispose();
    }
}
