// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Bench.Floors.Interop;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Harness;

/// <summary>
/// Five hostile clients of one server between start and dispose: one floods it, one scribbles over its segment, one
/// rings without pause, one never reads its bells (all four from <c>tests/hostile</c>), one is stopped in its calls.
/// </summary>
internal sealed class Attackers : IDisposable
{
    private const int StoppedConnections = 5;

    private static readonly string s_directory = Path.Combine(AppContext.BaseDirectory, "hostile");
    private static readonly string s_program = Path.Combine(s_directory, "hostile");

    // Each lasts so long as one --seconds; `floods` has four parts of that length, one after the other.
    private static readonly (string Name, int Parts)[] s_attacks =
        [("floods", 4), ("scribble", 1), ("bell-flood", 1), ("never-reading", 1)];

    private readonly List<Child> _children = [];

    /// <summary>Builds the program; false if there is no compiler.</summary>
    public static bool TryBuild()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Gangway.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        if (root is null)
        {
            return false;
        }

        var start = new ProcessStartInfo("make") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-s", "-C", Path.Combine(root, "tests", "hostile"), "OUT=" + s_directory, s_program])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process make = Process.Start(start)!;
            make.StandardOutput.ReadToEnd();
            make.WaitForExit();
            return make.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Starts them, and returns when each has had time to begin.</summary>
    /// <param name="fleet">Whose server they attack.</param>
    /// <param name="role"><see cref="Role.Exec"/> or <see cref="Role.ExecIdle"/>.</param>
    /// <param name="time">How long one part of the flood lasts; the others last ten times as long, or until dispose.</param>
    public static Attackers Start(Fleet fleet, string role, TimeSpan time)
    {
        var attackers = new Attackers();
        try
        {
            foreach ((string name, int parts) in s_attacks)
            {
                double seconds = parts > 1 ? time.TotalSeconds : 10 * time.TotalSeconds;
                attackers._children.Add(Child.Start(
                    Placement.Unpinned.Client, role, s_program,
                    "--seconds", FormattableString.Invariant($"{seconds:F2}"), fleet.SocketPath, name));
            }

            Child stopped = fleet.StartClient();
            attackers._children.Add(stopped);
            stopped.Ask($"open {StoppedConnections}");
            stopped.Tell($"full {StoppedConnections} 1 10000");
            Thread.Sleep(100);
            Signal.Stop(stopped.Id);
            return attackers;
        }
        catch
        {
            attackers.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Child child in _children)
        {
            child.Kill();
            child.Dispose();
        }
    }
}
