// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>A thread that waits for a set, and what the kernel says of it meanwhile.</summary>
internal sealed class EpollWaiter
{
    /// <summary>What a wait gives that was ended by the end of its set.</summary>
    internal const string Disposed = "disposed";

    // epoll_wait, epoll_pwait, epoll_pwait2
    private static readonly string[] s_waits = RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? ["232", "281", "441"]
        : ["22", "441"];

    // A thread is in a futex for other reasons too, so there the set has to say that somebody is parked.
    private static readonly string s_futex = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "202" : "98";

    private readonly EpollWorld _world;
    private readonly int _set;
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
        (_world, _set) = (world, set);
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

    internal bool IsAsleep
    {
        get
        {
            string call = Read("syscall").Split(' ')[0];
            return _thread.IsAlive && (s_waits.Contains(call) || call == s_futex && _world.Parked(_set) > 0)
                && Read("stat").Split(") ")[^1].StartsWith('S');
        }
    }

    private bool IsInFutex => Read("syscall").Split(' ')[0] == s_futex;

    internal bool HasReturned => !_thread.IsAlive;

    /// <summary>Starts one, and waits until the kernel says that it sleeps.</summary>
    internal static EpollWaiter Asleep(EpollWorld world, int set, int places = 4)
    {
        int parked = world.Parked(set);
        var waiter = new EpollWaiter(world, set, places);
        Watchdog.Until(() => waiter.IsAsleep && (world.Parked(set) > parked || !waiter.IsInFutex), "a waiter to sleep");
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
