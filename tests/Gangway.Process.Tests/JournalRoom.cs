// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;

namespace Gangway.Process.Tests;

/// <summary>A folder with an address, a journal and a witness's socket; what processes of one test share.</summary>
internal sealed class JournalRoom : IDisposable
{
    private readonly TempNames _names = new();

    public JournalRoom()
    {
        JournalPath = _names.PathOf("journal");
        Journal = new Journal(JournalPath);
        Witness = new Witness(_names.PathOf("witness"));
    }

    /// <summary>Where the server listens.</summary>
    public string Address => "shm:" + SocketPath;

    /// <summary>The server's socket.</summary>
    public string SocketPath => _names.PathOf("server");

    /// <summary>The journal's file.</summary>
    public string JournalPath { get; }

    /// <summary>The journal.</summary>
    public Journal Journal { get; }

    /// <summary>Tells when a process's descriptors were closed.</summary>
    public Witness Witness { get; }

    /// <summary>A path in the folder.</summary>
    public string PathOf(string fileName) => _names.PathOf(fileName);

    /// <summary>Starts a server process that serves the address and writes the journal.</summary>
    public ChildProcess StartServer() => PeerProgram.Start("journal", Address, JournalPath, Witness.Path);

    /// <summary>Starts a client process that does all that a client can do, and waits until it does.</summary>
    /// <param name="firstLane">Its first lane.</param>
    /// <param name="isSteady">True: three lanes on two connections. False: a fourth lane, which connects again and again.</param>
    public LoadClient StartLoad(int firstLane, bool isSteady = false)
    {
        for (int i = 0; i < LoadClient.LaneCount; i++)
        {
            Journal.Clear(firstLane + i);
        }

        ChildProcess process = PeerProgram.Start(
            ["load", Address, JournalPath, Witness.Path, firstLane.ToString(CultureInfo.InvariantCulture), .. isSteady ? ["steady"] : Array.Empty<string>()]);
        process.ReadLineStarting("connected");
        return new LoadClient(process, Witness.HangUpOf(process.Id), firstLane);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Witness.Dispose();
        Journal.Dispose();
        _names.Dispose();
    }
}
