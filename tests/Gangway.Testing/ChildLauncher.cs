// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gangway.Testing;

/// <summary>Starts processes that the kernel kills when we end, however we end.</summary>
/// <remarks>
/// PR_SET_PDEATHSIG fires when the <i>thread</i> that forked ends, not the process. So one thread that
/// lives as long as this process does all the starting; a test's own thread may come and go.
/// </remarks>
internal static class ChildLauncher
{
    private const string SetPriv = "setpriv"; // util-linux; sets the signal and becomes the program, so the pid is the program's.
    private static readonly BlockingCollection<Action> s_requests = StartThread();

    public static Process Start(ChildProcessStart start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(Describe(start)) ?? throw new InvalidOperationException("No process."));
            }
#pragma warning disable CA1031 // Carried to the caller through the task.
            catch (Exception e)
#pragma warning restore CA1031
            {
                started.SetException(e);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static ProcessStartInfo Describe(ChildProcessStart start)
    {
        var info = new ProcessStartInfo(SetPriv)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = start.Folder ?? "",
        };
        if (start.UserId is int user)
        {
            string id = user.ToString(CultureInfo.InvariantCulture);
            info.ArgumentList.Add("--reuid=" + id);
            info.ArgumentList.Add("--regid=" + id);
            info.ArgumentList.Add("--clear-groups");
        }

        info.ArgumentList.Add("--pdeathsig=KILL");
        info.ArgumentList.Add("--");
        info.ArgumentList.Add(start.Program);
        foreach (string argument in start.Arguments)
        {
            info.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in start.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static BlockingCollection<Action> StartThread()
    {
        var requests = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (Action request in requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        { IsBackground = true, Name = "child-launcher" }.Start();
        return requests;
    }
}
