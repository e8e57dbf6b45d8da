// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Tests.Hostile;
using Gangway.Testing;
using Xunit.Sdk;

namespace Gangway.Process.Tests.Kills;

/// <summary>Kills a process at a chosen instruction, or at a chosen system call; never after a time.</summary>
internal static class Killer
{
    private const int ThreadNameMax = 15;

    /// <summary>Steps a thread of a running process, and kills the process there; the other threads run on meanwhile.</summary>
    /// <returns>What <c>stepkill</c> says about the place.</returns>
    public static string AtInstruction(int processId, string thread, int instructions)
    {
        using ChildProcess killer = ChildProcess.Start(
            HostilePrograms.StepKill, Text(processId), Text(ThreadOf(processId, thread)), Text(instructions));
        string? line = killer.TryReadLine();
        int exitCode = killer.WaitForExit();
        if (exitCode != 0 || line?.StartsWith("KILLED ", StringComparison.Ordinal) != true)
        {
            throw new XunitException($"stepkill of '{thread}' ended with {exitCode}: {line}\n{killer.Errors}");
        }

        return $"{thread} {line}";
    }

    /// <summary>Starts a C program under the stepper, from its marker on.</summary>
    public static ChildProcess StartStepped(int instructions, params string[] program) => ChildProcess.Start(
        HostilePrograms.StepKill, ["--run", Text(instructions), "--", .. program]);

    /// <summary>Kills a running process when one of its threads enters a system call for the n-th time.</summary>
    public static string AtSystemCall(ChildProcess process, string call, int occurrence)
    {
        using ChildProcess strace = ChildProcess.Start(
            "strace", "-qq", "-f", "-p", Text(process.Id), "-o", "/dev/null", "-e", "trace=" + call,
            "-e", $"inject={call}:signal=KILL:when={Text(occurrence)}");
        int exitCode = process.WaitForExit();
        strace.WaitForExit();
        if (exitCode != 128 + 9)
        {
            throw new XunitException($"The process ended with {exitCode} before its {occurrence}. {call}: {strace.Errors}{process.Errors}");
        }

        return $"{call} {occurrence}";
    }

    /// <summary>The thread with a name, as the kernel cut it off.</summary>
    public static int ThreadOf(int processId, string name)
    {
        string cut = name[..Math.Min(name.Length, ThreadNameMax)];
        foreach (string folder in System.IO.Directory.EnumerateDirectories($"/proc/{Text(processId)}/task"))
        {
            if (File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n') == cut)
            {
                return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
            }
        }

        throw new XunitException($"Process {processId} has no thread '{cut}'.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
