// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Platform.Tests;

public sealed class SchedulerTests
{
    [Fact]
    public void PinCurrentThread_EachProcessor_RunsThere()
    {
        int[] processors = AllowedProcessors();
        Assert.NotEmpty(processors);
        var pinned = new Sleeper<int[]>(() => [.. processors.Select(cpu =>
        {
            Assert.Equal(Errno.None, Scheduler.PinCurrentThread(cpu));
            Scheduler.Yield();
            return Scheduler.CurrentCpu();
        })]);

        Assert.Equal(processors, pinned.Result());
    }

    [Fact]
    public void PinCurrentThread_NoSuchProcessor_IsAnErrorAndChangesNothing()
    {
        var pinned = new Sleeper<int[]>(() =>
        {
            int[] before = AllowedProcessors();
            Assert.Equal(Errno.EINVAL, Scheduler.PinCurrentThread(65535));
            Assert.Throws<ArgumentOutOfRangeException>(() => Scheduler.PinCurrentThread(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => Scheduler.PinCurrentThread(65536));
            Assert.Equal(before, AllowedProcessors());
            return before;
        });
        Assert.NotEmpty(pinned.Result());
    }

    [Fact]
    public void LeaveCpu_WhereItMay_MovesAndMayGoWhereItCould()
    {
        int[] processors = AllowedProcessors();
        var moved = new Sleeper<(Errno Result, int Moves, int[] Allowed)>(() =>
        {
            Errno errno = Errno.None;
            int moves = 0;
            for (int i = 0; i < 20 && errno == Errno.None; i++)
            {
                int from = Scheduler.CurrentCpu();
                errno = Scheduler.LeaveCpu(from);
                moves += Scheduler.CurrentCpu() == from ? 0 : 1; // It may be sent back at once.
            }

            return (errno, moves, AllowedProcessors());
        });
        (Errno result, int moves, int[] allowed) = moved.Result();
        Assert.Equal(processors, allowed);
        if (processors.Length > 1)
            Assert.Equal((Errno.None, true), (result, moves > 10));
        else
            Assert.Equal((Errno.EINVAL, 0), (result, moves));
    }

    [Fact]
    public void LeaveCpu_WhereItMayNot_IsAnErrorAndChangesNothing()
    {
        var pinned = new Sleeper<int[]>(() =>
        {
            Assert.Equal(Errno.None, Scheduler.PinCurrentThread(0));
            Assert.Equal(Errno.EINVAL, Scheduler.LeaveCpu(0));
            Assert.Equal(Errno.EINVAL, Scheduler.LeaveCpu(-1));
            Assert.Equal(Errno.EINVAL, Scheduler.LeaveCpu(1024));
            Assert.Equal(Errno.None, Scheduler.LeaveCpu(1)); // It is not there, so there is nothing to leave.
            return AllowedProcessors();
        });
        Assert.Equal([0], pinned.Result());
    }

    [Fact]
    public void CurrentCpu_Unpinned_IsOneOfThoseAllowed() =>
        Assert.Contains(Scheduler.CurrentCpu(), AllowedProcessors());

    [Fact]
    public void ThreadId_OfAThread_IsTheKernels()
    {
        var thread = new Sleeper<string>(() => new FileInfo("/proc/thread-self").LinkTarget!);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}/task/{thread.ThreadId}"), thread.Result());
    }

    // "Cpus_allowed_list: 0-1,4" of the calling thread.
    private static int[] AllowedProcessors() => [.. File.ReadLines("/proc/thread-self/status")
        .Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))
        .Split('\t')[1]
        .Split(',')
        .Select(range => range.Split('-').Select(cpu => int.Parse(cpu, CultureInfo.InvariantCulture)).ToArray())
        .SelectMany(range => Enumerable.Range(range[0], range[^1] - range[0] + 1))];
}
