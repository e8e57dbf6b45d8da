// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Process.Tests;

/// <summary>Starts <c>Gangway.Process.Peer</c>, the second process.</summary>
internal static class PeerProgram
{
    /// <summary>How to start it with a verb and its arguments.</summary>
    public static ChildProcessStart With(params IEnumerable<string> arguments) => ChildProcessStart.Assembly(
        Path.Combine(AppContext.BaseDirectory, "Gangway.Process.Peer.dll"), arguments) with
    {
        // Several run at once on few processors: no profiling of code that lives for a second, no debugger's socket.
        Environment = new Dictionary<string, string?> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_EnableDiagnostics"] = "0" },
    };

    /// <summary>Starts it.</summary>
    public static ChildProcess Start(params IEnumerable<string> arguments) => ChildProcess.Start(With(arguments));
}
