// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>A server dies at a random instruction of its own, in the middle of calls of ours: fifty times in all.</summary>
[Rule("SH-01")]
[Rule("SH-08")]
[Rule("SH-09")]
[Trait("Soak", "yes")]
public sealed class ServerKillTests(ITestOutputHelper output)
{
    private const int InstructionsMax = 5000;

    // What a server's threads call while clients call, connect and leave.
    private static readonly string[] s_calls = ["sendto", "futex", "mmap", "recvfrom", "sendmsg", "memfd_create", "accept4", "epoll_pwait2", "epoll_ctl", "close"];

    [NeedsFact(Need.Gcc | Need.Root)]
    public void Calls_ServerKilledInItsReactor_EndHonestly()
    {
        int count = TestLevel.Pick(5, 28, 2_000);
        ServerKills kills = Run(count,
            static (server, random, address) => Killer.AtInstruction(server.Id, "gangway " + address, Instructions.Pick(random, InstructionsMax)));
        if (count >= 20)
        {
            // Both answers of an ended call must have been put to the proof.
            Assert.NotEqual(0, kills.Seen("call NotSent"));
            Assert.NotEqual(0, kills.Seen("call OutcomeUnknown"));
        }
    }

    [NeedsFact(Need.Gcc | Need.Root)]
    public void Handshakes_ServerKilledInItsAcceptor_FailClearly() => Run(
        TestLevel.Pick(3, 11, 1_000),
        static (server, random, address) => Killer.AtInstruction(server.Id, "gangway-accept " + address, Instructions.Pick(random, InstructionsMax)));

    [NeedsFact(Need.Strace | Need.Root)]
    public void Calls_ServerKilledAtASystemCall_EndHonestly() => Run(
        TestLevel.Pick(3, 11, 1_000),
        static (server, random, _) => Killer.AtSystemCall(server, s_calls[random.Next(s_calls.Length)], random.Next(1, 6)));

    private ServerKills Run(int count, Func<ChildProcess, Random, string, string> kill)
    {
        Random random = Seed.Take(output).Random();
        using var kills = new ServerKills();
        kills.KillOne(0, server => // Loads what later rounds find loaded.
        {
            server.Kill();
            return "warm-up";
        });
        string[] sharedMemory = [.. System.IO.Directory.GetFiles("/dev/shm").Order()];
        ProcessAccounting before = ProcessAccounting.Take();
        for (int i = 0; i < count; i++)
        {
            kills.KillOne(random.Next(5_000), server => kill(server, random, kills.Address));
            before.AssertNothingLeft();
        }

        kills.Report(output);
        Assert.Equal(count + 1, kills.Count);
        Assert.Equal(sharedMemory, System.IO.Directory.GetFiles("/dev/shm").Order());
        return kills;
    }
}
