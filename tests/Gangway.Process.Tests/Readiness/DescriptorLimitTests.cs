// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Readiness;

/// <summary>Gangway's sources use no descriptor: a process that may have 64 watches as many as it likes.</summary>
public sealed class DescriptorLimitTests
{
    [Rule("RD-02"), Rule("RD-03")]
    [Fact]
    public void EpollSet_With100000SourcesAnd64Descriptors_ReportsEach()
    {
        string count = TestLevel.Pick(20_000, 100_000, 1_000_000).ToString(CultureInfo.InvariantCulture);
        ChildProcessStart peer = PeerProgram.With("epoll", count);
        using ChildProcess child = ChildProcess.Start(peer with
        {
            Program = "sh",
            Arguments = ["-c", "ulimit -n 64 && exec \"$@\"", "sh", peer.Program, .. peer.Arguments],
        });
        Assert.Equal($"reported {count} of {count}, 0 descriptors", child.ReadLineStarting("reported"));
        Assert.Equal(0, child.WaitForExit());
    }
}
