// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Holding;

/// <summary>A process that this one starts has no descriptor of ours: it cannot keep a connection alive, or read it.</summary>
public sealed class CloseOnExecTests(ITestOutputHelper output)
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    [Rule("SH-06")]
    [Fact]
    public void Descriptors_OfBothSides_AreAllCloseOnExec()
    {
        using var room = new JournalRoom();
        string[] before = Descriptors();
        using Listener listener = Domain.Listen(room.Address, new JournalHandler(room.Journal));
        using Endpoint endpoint = Patient.Connect(room.Address);
        Assert.Equal(Status.Ok, new JournalLane(room.Journal, 1).Call(endpoint));

        // Lock file, two event loops with their wake-ups, spare, listening socket; each side's socket, its peer's pidfd.
        string[] ours = [.. Descriptors().Except(before)];
        Assert.True(ours.Length >= 8, string.Join('\n', ours));
        string[] leaking = [.. ours.Where(static descriptor => (Flags(descriptor.Split(' ')[0]) & CloseOnExec) == 0)];

        output.WriteLine(string.Join('\n', ours));
        Assert.Empty(leaking);
    }

    // Also in the middle of handshakes, when segments are on their way.
    [Rule("SH-06")]
    [Fact]
    public void Children_StartedDuringHandshakes_SeeNoneOfOurDescriptors()
    {
        using var room = new JournalRoom();
        HashSet<string> before = [.. ChildDescriptors()];
        using Listener listener = Domain.Listen(room.Address, new JournalHandler(room.Journal));
        using Endpoint endpoint = Patient.Connect(room.Address);
        var storm = new Kills.ConnectStorm(room.Address, new JournalLane(room.Journal, 1));
        Watchdog.Until(() => storm.Connections > 10, "connections");
        for (int i = 0; i < TestLevel.Pick(5, 25, 5_000); i++)
        {
            Assert.DoesNotContain(ChildDescriptors(), target => !before.Contains(target)
                && (target.Contains("gangway", StringComparison.Ordinal) || target.Contains("socket:", StringComparison.Ordinal)
                    || target.Contains("anon_inode:", StringComparison.Ordinal) || target.Contains("memfd:", StringComparison.Ordinal)));
        }

        long connections = storm.Connections;
        Watchdog.Until(() => storm.Connections > connections, "more connections");
        storm.Stop();
        storm.Join();
        Assert.Null(storm.Complaint);
        Assert.Null(storm.Refusal);
    }

    private static string[] Descriptors() =>
    [
        .. new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(static descriptor => (descriptor.Name, descriptor.LinkTarget))
            .Where(static descriptor => descriptor.LinkTarget?.StartsWith("/proc/", StringComparison.Ordinal) == false)
            .Select(static descriptor => $"{descriptor.Name} {descriptor.LinkTarget}"),
    ];

    private static int Flags(string descriptor) => Convert.ToInt32(
        File.ReadLines("/proc/self/fdinfo/" + descriptor).First(static line => line.StartsWith("flags:", StringComparison.Ordinal)).Split('\t')[1],
        8);

    private static IReadOnlyList<string> ChildDescriptors()
    {
        using ChildProcess list = ChildProcess.Start("sh", "-c", "for f in /proc/$$/fd/*; do readlink $f; done");
        return list.ReadToEnd();
    }
}
