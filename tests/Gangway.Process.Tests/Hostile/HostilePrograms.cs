// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit.Sdk;

namespace Gangway.Process.Tests.Hostile;

/// <summary>The C programs of <c>tests/hostile</c>, built once in each run into a folder that goes with the process.</summary>
internal static class HostilePrograms
{
    private static readonly string[] s_wire = ["gangway_side.c", "gangway_client.c", "result.c"];
    private static readonly Lazy<TempNames> s_folder = new(Build);

    /// <summary>Attacks and hostile servers.</summary>
    public static string Hostile => s_folder.Value.PathOf("hostile");

    /// <summary>The honest client.</summary>
    public static string Honest => s_folder.Value.PathOf("honest");

    /// <summary>Kills a process at a chosen instruction.</summary>
    public static string StepKill => s_folder.Value.PathOf("stepkill");

    private static TempNames Build()
    {
        var folder = new TempNames();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        folder.OpenToOthers(); // The programs become another user, and may execute themselves again.
        string sources = Sources();
        string[] attacks = [.. System.IO.Directory.GetFiles(sources, "attack*.c").Order(StringComparer.Ordinal)];
        Compile(sources, folder.PathOf("hostile"), ["hostile.c", "gangway_server.c", "departures.c", .. attacks, .. s_wire]);
        Compile(sources, folder.PathOf("honest"), ["honest.c", .. s_wire]);
        Compile(sources, folder.PathOf("stepkill"), ["stepkill.c"]);
        return folder;
    }

    private static void Compile(string folder, string program, string[] sources)
    {
        using ChildProcess gcc = ChildProcess.Start(new ChildProcessStart
        {
            Program = "gcc",
            Arguments = ["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program, .. sources],
            Folder = folder,
        });
        if (gcc.WaitForExit() != 0)
        {
            throw new XunitException($"gcc does not build {program}:\n{gcc.Errors}");
        }
    }

    // Beside this project's folder, which is somewhere above the assembly.
    private static string Sources()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "hostile", "hostile.c")))
        {
            folder = folder.Parent;
        }

        return folder is null
            ? throw new XunitException("The tests do not run inside the repository.")
            : Path.Combine(folder.FullName, "hostile");
    }
}
