// SPDX-License-Identifier: MIT

using System.Runtime.ExceptionServices;

namespace Gangway.Tests;

/// <summary>Real threads, all started before the first may go; the first failure is rethrown.</summary>
internal static class Threads
{
    /// <summary>How many threads of this process the kernel knows by a name of at most 15 characters.</summary>
    internal static int Named(string name) => Directory.EnumerateDirectories("/proc/self/task").Count(folder =>
    {
        try
        {
            return File.ReadAllText(folder + "/comm").TrimEnd() == name;
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    });

    internal static void Run(int count, Action<int> body)
    {
        using var barrier = new Barrier(count);
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                body(number);
            }
#pragma warning disable CA1031 // Carried to the caller below, whatever it is.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            }
        }, 256 * 1024)
        { IsBackground = true, Name = $"test {number}" })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Watchdog.Join(thread);
        failure?.Throw();
    }
}
