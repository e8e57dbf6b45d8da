// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Runtime.ExceptionServices;
using Gangway.Testing;

namespace Gangway.Platform.Tests;

/// <summary>A thread that makes one blocking call, and what the kernel says it does meanwhile.</summary>
/// <typeparam name="T">What the call answers.</typeparam>
internal sealed class Sleeper<T>
{
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new();
    private T _result = default!;
    private ExceptionDispatchInfo? _failure;

    internal Sleeper(Func<T> call)
    {
        _thread = new Thread(() =>
        {
            ThreadId = Scheduler.ThreadId();
            _started.SetResult();
            try
            {
                _result = call();
            }
#pragma warning disable CA1031 // Carried to the test's thread, whatever it is.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
        })
        {
            IsBackground = true,
            Name = "sleeper",
        };
        _thread.Start();
        _started.Task.Wait();
    }

    internal int ThreadId { get; private set; }

    internal bool IsAlive => _thread.IsAlive;

    /// <summary>Waits until the kernel says that the thread sleeps in one of these system calls.</summary>
    internal void WaitUntilAsleepIn(params long[] systemCalls) => Watchdog.Until(
        () => IsAlive && systemCalls.Contains(CurrentCall()) && State() == 'S',
        "a thread to sleep in a system call");

    /// <summary>Interrupts the sleep with a handled POSIX signal, and waits until the signal was taken.</summary>
    internal void Interrupt()
    {
        Native.Signal(ThreadId, HandledSignal.Number);
        Watchdog.Until(() => !IsAlive || PendingSignals() == 0, "a signal to be taken");
    }

    internal T Result()
    {
        Watchdog.Join(_thread);
        _failure?.Throw();
        return _result;
    }

    private long CurrentCall()
    {
        string first = Read("syscall").Split(' ')[0];
        return long.TryParse(first, CultureInfo.InvariantCulture, out long number) ? number : -1;
    }

    private char State()
    {
        string stat = Read("stat");
        int name = stat.LastIndexOf(')');
        return name < 0 ? '?' : stat[name + 2];
    }

    private ulong PendingSignals()
    {
        string? line = Read("status").Split('\n').FirstOrDefault(line => line.StartsWith("SigPnd:", StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line["SigPnd:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private string Read(string what)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{ThreadId}/{what}");
        }
        catch (IOException)
        {
            return ""; // It ended meanwhile.
        }
    }
}
