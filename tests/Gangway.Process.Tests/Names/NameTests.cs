// SPDX-License-Identifier: MIT

using Gangway.Process.Tests.Hostile;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Names;

/// <summary>Names in use, names of the dead, and names of other users.</summary>
public sealed class NameTests
{
    [Fact]
    public void Listen_NameOfALivingProcess_IsRefusedWithReason()
    {
        using var room = new JournalRoom();
        using ChildProcess server = room.StartServer();
        server.ReadLineStarting("ready");

        GangwayException refusal = Assert.Throws<GangwayException>(() => Domain.Listen(room.Address, new SilentHandler()));

        Assert.Equal(ConnectError.InUse, refusal.Error);
        Assert.Equal(room.Address, refusal.Address);
        Assert.Contains(room.Address, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("living process", refusal.Message, StringComparison.Ordinal);
        using Endpoint client = Patient.Connect(room.Address); // The owner did not notice.
        Assert.Equal(server.Id, client.Peer!.ProcessId);
    }

    [Rule("SH-09")]
    [Fact]
    public void Listen_NameOfAKilledProcess_TakesItOverAtOnce()
    {
        using var room = new JournalRoom();
        string[] sharedMemory = System.IO.Directory.GetFiles("/dev/shm");
        using (ChildProcess server = room.StartServer())
        {
            server.ReadLineStarting("ready");
            using Endpoint before = Patient.Connect(room.Address);
            server.Kill();
        }

        Assert.True(File.Exists(room.SocketPath)); // Nobody took it away: what stands in the next one's way must not.
        using (Listener next = Domain.Listen(room.Address, new SilentHandler()))
        {
            using Endpoint client = Patient.Connect(room.Address);
            Assert.Equal(Environment.ProcessId, client.Peer!.ProcessId);
        }

        Assert.Empty(System.IO.Directory.GetFiles("/dev/shm").Except(sharedMemory));
        Assert.False(File.Exists(room.SocketPath));
    }

    [Fact]
    public void Connect_ToNothing_SaysSo()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("nothing");

        GangwayException refusal = Assert.Throws<GangwayException>(() => Domain.Connect(address));

        Assert.Equal(ConnectError.NotFound, refusal.Error);
        Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("nothing listens", refusal.Message, StringComparison.Ordinal);
    }

    [Rule("SH-09")]
    [Fact]
    public void Connect_ToAKilledServersSocket_SaysSo()
    {
        using var room = new JournalRoom();
        using (ChildProcess server = room.StartServer())
        {
            server.ReadLineStarting("ready");
            server.Kill();
        }

        GangwayException refusal = Assert.Throws<GangwayException>(() => Domain.Connect(room.Address));

        Assert.Equal(ConnectError.NotServed, refusal.Error);
        Assert.Contains(room.Address, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("dead", refusal.Message, StringComparison.Ordinal);
    }

    // The socket lies where the other user sees it, where it does not, and in a directory that is not the user's own.
    [Rule("SE-02")]
    [NeedsTheory(Need.Root)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Connect_ToAnotherUsersServer_IsRefusedWithReason(bool isVisible, bool isBareName)
    {
        using var names = new TempNames();
        if (isVisible)
        {
            names.OpenToOthers();
        }

        string address = "shm:" + names.PathOf("server");
        using Listener listener = Domain.Listen(address, new SilentHandler());
        string asked = isBareName ? "shm:server" : address;
        ChildProcessStart start = PeerProgram.With("connect", asked, "1");
        using ChildProcess client = ChildProcess.Start(start with
        {
            UserId = AttackRun.OtherUser,
            Folder = "/",
            Environment = new Dictionary<string, string?>(start.Environment) { ["GANGWAY_DIRECTORY"] = names.Folder, ["HOME"] = "/" },
        });

        string answer = client.ReadLine();

        Assert.StartsWith("refused NotPermitted ", answer, StringComparison.Ordinal);
        Assert.Contains(asked, answer, StringComparison.Ordinal);
        Assert.Contains(isBareName ? "belongs to user 0" : "user 65534", answer, StringComparison.Ordinal);
        Assert.Equal(0, listener.Statistics.Accepted);
    }

    private sealed class SilentHandler : EndpointHandler;
}
