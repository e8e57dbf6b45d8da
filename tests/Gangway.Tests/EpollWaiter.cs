// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>A thread that waits for a set, and what the kernel says of it meanwhile.</summary>
internal sealed class EpollWaiter
{
    /// <summary>What a wait gives that was ended by the end of its set.</summary>
    internal const string Disposed = "disposed";

    // futex, epoll_wait, epoll_pwait, epoll_pwait2
    private static readonly string[] s_sleeps = RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? ["202", "232", "281", "441"]
        : ["98", "22", "441"];

    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new();
    private string _reports = "";
    private int _threadId;

    /// <summary>Starts one.</summary>
    /// <param name="world">Where the set is.</param>
    /// <param name="set">Its number.</param>
    /// <param name="places">For how many reports there is room.</param>
    internal EpollWaiter(EpollWorld world, int set, int places = 4)
    {
        _thread = new Thread(() =>
        {
            _threadId = Scheduler.ThreadId();
            _started.SetResult();
            var reports = new EpollReport[places];
            try
            {
                int count = world.Wait(set, reports, Watchdog.Bound * 2);
                _reports = EpollWorld.Text(reports.AsSpan(0, count));
            }
            catch (ObjectDisposedException)
            {
                _reports = Disposed;
            }
        })
        { IsBackground = true, Name = "waiter" };
        _thread.Start();
        _started.Task.Wait();
    }

    internal bool IsAsleep => _thread.IsAlive
        && s_sleeps.Contains(Read("syscall").Split(' ')[0]) && Read("stat").Split(") ")[^1].StartsWith('S');

    internal bool HasReturned => !_thread.IsAlive;

    /// <summary>Starts one, and waits until the kernel says that it sleeps.</summary>
    internal static EpollWaiter Asleep(EpollWorld world, int set, int places = 4)
    {
        var waiter = new EpollWaiter(world, set, places);
        Watchdog.Until(() => waiter.IsAsleep, "a waiter to sleep");
        return waiter;
    }

    /// <summary>What its wait has reported, or <see cref="Disposed"/>.</summary>
    internal string Reports()
    {
        Watchdog.Join(_thread);
        return _reports;
    }

    private string Read(string what)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{_threadId}/{what}");
        }
        catch (IOException)
        {
            return ""; // It ended meanwhile.
        }
    }
}
