// SPDX-License-Identifier: MIT

using Gangway.Process.Tests.Hostile;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>A client dies at a random instruction of its own, in the middle of calls and messages: two hundred times in all.</summary>
[Rule("SH-01")]
[Rule("SH-08")]
[Rule("SH-09")]
[Trait("Soak", "yes")]
public sealed class ClientKillTests(ITestOutputHelper output)
{
    private const int AtOnce = 4;
    private const int NetClientsAtOnce = 2;

    // What a client's threads call while it calls, sends, connects and leaves.
    private static readonly string[] s_calls = ["sendto", "futex", "futex_waitv", "mmap", "recvfrom", "recvmsg", "epoll_pwait2", "munmap", "madvise", "close"];

    private static readonly string[] s_threads = ["load-0", "load-1", "load-2", "load-3", "gangway-clients"];

    [NeedsFact(Need.Gcc)]
    public void Server_CClientsKilledAtAnInstruction_GoesOn()
    {
        Random random = Seed.Take(output).Random();
        using var kills = new ClientKills();
        int count = TestLevel.Pick(12, 160, 100_000);
        string[] work = ["calls", "sends", "mixed"];
        while (kills.Count < count)
        {
            ChildProcess[] steppers = [.. Enumerable.Range(0, Math.Min(AtOnce, count - kills.Count)).Select(_ => Killer.StartStepped(
                Instructions.Pick(random, 20_000), HostilePrograms.Honest, kills.SocketPath, work[random.Next(work.Length)], "0"))];
            string places = string.Join("; ", steppers.Select(static stepper => stepper.ReadLineStarting("KILLED ")));
            foreach (ChildProcess stepper in steppers)
            {
                Assert.Equal(0, stepper.WaitForExit());
                stepper.Dispose();
            }

            kills.Settle(steppers.Length, places);
        }

        kills.Finish(output);
        Assert.NotEqual(0, kills.NotesDelivered);
    }

    [NeedsFact(Need.Gcc | Need.Root)]
    public void Server_ClientsKilledAtAnInstruction_GoesOn() => Run(
        TestLevel.Pick(2, 20, 2_000),
        static (client, random) => Killer.AtInstruction(client.Id, s_threads[random.Next(s_threads.Length)], Instructions.Pick(random, 6_000)));

    [NeedsFact(Need.Strace | Need.Root)]
    public void Server_ClientsKilledAtASystemCall_GoesOn() => Run(
        TestLevel.Pick(2, 20, 2_000),
        static (client, random) => Killer.AtSystemCall(client, s_calls[random.Next(s_calls.Length)], random.Next(1, 8)));

    private void Run(int count, Func<ChildProcess, Random, string> kill)
    {
        Random random = Seed.Take(output).Random();
        using var kills = new ClientKills();
        var places = new List<string>();
        while (kills.Count < count)
        {
            // Each started by a thread of its own: most of a kill is the start of a runtime.
            Random[] choices = [.. Enumerable.Range(0, Math.Min(NetClientsAtOnce, count - kills.Count)).Select(_ => new Random(random.Next()))];
            Task<(LoadClient, string)>[] victims = [.. choices.Select(choice => Task.Factory.StartNew(
                () => StartAndKill(kills, choice, kill), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            (LoadClient Client, string Place)[] killed = [.. victims.Select(static victim => victim.Result)];
            kills.WaitForTheKilled(string.Join("; ", killed.Select(static victim => victim.Place)));
            foreach ((LoadClient client, string place) in killed)
            {
                kills.Judge(client, place);
                client.Dispose();
                places.Add(place);
            }

            kills.Settle(killed.Length, string.Join("; ", killed.Select(static victim => victim.Place)));
        }

        kills.Finish(output);
        output.WriteLine(string.Join('\n', places));
    }

    private static (LoadClient Client, string Place) StartAndKill(ClientKills kills, Random random, Func<ChildProcess, Random, string> kill)
    {
        LoadClient client = kills.StartClient();
        string place = kill(client.Process, random);
        client.Process.WaitForExit();
        return (client, place);
    }
}
