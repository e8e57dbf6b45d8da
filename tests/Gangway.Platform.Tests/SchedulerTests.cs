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
