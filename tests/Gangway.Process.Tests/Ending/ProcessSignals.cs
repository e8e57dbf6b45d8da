// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Ending;

/// <summary>Stops a process where it is, and lets it go on.</summary>
internal static class ProcessSignals
{
    /// <summary>Stops all its threads; returns when they have stopped.</summary>
    public static void Stop(ChildProcess process)
    {
        Send(process, "STOP");
        Watchdog.Until(() => IsStopped(process), "the process being stopped");
    }

    /// <summary>Lets it go on.</summary>
    public static void Continue(ChildProcess process) => Send(process, "CONT");

    private static void Send(ChildProcess process, string signal)
    {
        using ChildProcess kill = ChildProcess.Start("sh", "-c", $"kill -{signal} {process.Id}");
        Assert.Equal(0, kill.WaitForExit());
    }

    // A thread stops when it next leaves the kernel: each says so itself.
    private static bool IsStopped(ChildProcess process) => System.IO.Directory.GetDirectories($"/proc/{process.Id}/task").All(static thread =>
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        return stat[stat.LastIndexOf(')') + 2] == 'T';
    });
}
