// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Tests;

/// <summary>Random programs give the same reports, step by step, in <see cref="EpollSet"/> and in the kernel's epoll.</summary>
[Rule("RD-02"), Rule("RD-03"), Rule("RD-04"), Rule("RD-06")]
public sealed class EpollSetFuzzTests(ITestOutputHelper output)
{
    // Notifications against eventfds, a timer against a timerfd, ports against epolls, and sets in sets: with 1, 2 and 3 places,
    // in order.
    [Fact]
    public void Notifications_RandomPrograms_ReportAsTheKernel() =>
        Run(TestLevel.Pick(10_000, 80_000, 20_000_000), hasSignals: true, hasFiles: false);

    // Pipes, sockets, closes and copies: what the set makes of the kernel's own.
    [Fact]
    public void Descriptors_RandomPrograms_ReportAsTheKernel() =>
        Run(TestLevel.Pick(2_000, 12_000, 5_000_000), hasSignals: false, hasFiles: true);

    // Both in one set, and in sets in sets, with 1, 2 and 3 places and with many. Descriptors come first or second, so it is not
    // compared in which order they come.
    [Fact]
    public void Mixed_RandomPrograms_ReportAsTheKernel() =>
        Run(TestLevel.Pick(2_000, 12_000, 5_000_000), hasSignals: true, hasFiles: true);

    private void Run(int count, bool hasSignals, bool hasFiles)
    {
        Seed seed = Seed.Take(output);
        long reports = 0;
        ulong errors = 0;
        for (int i = 0; i < count; i++)
        {
            EpollProgram program = EpollProgram.Make(seed.Random(i), hasSignals, hasFiles);
            if (program.Run() is null)
            {
                reports += program.Reports;
                errors |= program.Errors;
                continue;
            }

            EpollProgram least = program.Shrink();
            Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                $"{Seed.Variable}={seed.Value}, program {i}, {least.Run()}\n{least}"));
        }

        // They did something, and made each mistake that can be made with such sources.
        output.WriteLine($"{count} programs, {reports} reports, errors {errors:x}");
        Assert.InRange(reports, count, long.MaxValue);
        EpollStatus[] expected =
        [
            EpollStatus.Ok, EpollStatus.NotThere, EpollStatus.Exists, EpollStatus.Invalid,
            hasSignals ? EpollStatus.Loop : EpollStatus.Closed, hasFiles ? EpollStatus.Closed : EpollStatus.Loop,
        ];
        Assert.All(expected, status => Assert.NotEqual(0ul, errors & 1ul << (int)status));
    }
}
