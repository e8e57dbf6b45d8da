// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Quotas;

/// <summary>At the kernel's limit of descriptors a side refuses cleanly, says which limit it is, and goes on.</summary>
public sealed class ProcessLimitTests
{
    private const int Descriptors = 320;

    [Rule("SE-03")]
    [Fact]
    public void Client_AtItsLimitOfDescriptors_IsRefusedByItself()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("server");
        using Listener listener = Domain.Listen(address, new Peer.PeerHandler());
        using ChildProcess client = StartLimited("connect", address, Text(Descriptors));
        IReadOnlyList<string> lines = client.ReadToEnd();

        Assert.Contains("connected Ok", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("refused Overloaded", lines[^1], StringComparison.Ordinal);
        Assert.Contains("RLIMIT_NOFILE", lines[^1], StringComparison.Ordinal);
        Assert.Equal(0, listener.Statistics.Refused);
        Watchdog.Until(() => listener.Statistics.Charged == default, "its connections' ends");
    }

    [Rule("SE-03")]
    [Fact]
    public void Server_AtItsLimitOfDescriptors_RefusesAndServesOn()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("server");
        using ChildProcess server = StartLimited("serve", address);
        server.ReadLineStarting("ready");
        using Endpoint first = Patient.Connect(address);
        using (ChildProcess client = PeerProgram.Start("connect", address, Text(Descriptors)))
        {
            IReadOnlyList<string> lines = client.ReadToEnd();
            Assert.StartsWith("refused Overloaded", lines[^1], StringComparison.Ordinal);
            Assert.Contains("RLIMIT_NOFILE", lines[^1], StringComparison.Ordinal);
        }

        Assert.True(first.Call(1, [], []).IsOk);
        using Endpoint second = Patient.Connect(address);
        Assert.True(second.Call(1, [], []).IsOk);
    }

    private static ChildProcess StartLimited(params IEnumerable<string> arguments)
    {
        ChildProcessStart start = PeerProgram.With(arguments);
        return ChildProcess.Start(start with
        {
            Program = "/bin/sh",
            Arguments = ["-c", $"ulimit -n {Text(Descriptors)}; exec \"$0\" \"$@\"", start.Program, .. start.Arguments],
        });
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
