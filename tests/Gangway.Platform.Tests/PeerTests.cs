// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class PeerTests : IDisposable
{
    private readonly TempNames _names = new();

    public void Dispose() => _names.Dispose();

    [Fact]
    public void GetPeer_BothEndsHere_IsThisProcess()
    {
        using var pair = new SocketPair();
        Assert.Equal(Errno.None, PidFd.Open(Environment.ProcessId, out PidFd? self));
        using (self)
        {
            foreach (UnixSocket end in new[] { pair.Client, pair.Server })
            {
                Assert.Equal(Errno.None, end.GetPeer(out PeerCredentials credentials, out PidFd? process));
                using (process)
                {
                    Assert.Equal((Identity.EffectiveUid(), Environment.ProcessId), (credentials.Uid, credentials.Pid));
                    Assert.Equal(Inode(self!), Inode(process!));
                    Assert.Equal((Errno.None, false), (process!.HasExited(out bool exited), exited));
                    Assert.True(Native.IsCloseOnExec(process));
                }
            }
        }
    }

    [Fact]
    public void GetPeer_NotConnected_IsAnErrorAndNobody()
    {
        using UnixSocket fresh = Native.UnconnectedSocket();
        Assert.Equal(Errno.ENOTCONN, fresh.GetPeer(out PeerCredentials credentials, out PidFd? process));
        Assert.Equal(uint.MaxValue, credentials.Uid);
        Assert.Null(process);
    }

    [NeedsFact(Need.Gcc)]
    public void GetPeer_AnotherProcessThatDies_IsSeenToExit()
    {
        string path = _names.PathOf("s");
        using ChildProcess server = ChildProcess.Start(CProgram.Compile(_names, "processes/holder.c"), "listen", path);
        Assert.Equal("ready", server.ReadLine());
        using UnixSocket client = Made.Connection(path);
        Assert.Equal(Errno.None, client.GetPeer(out PeerCredentials credentials, out PidFd? process));
        using (process)
        {
            Assert.Equal((server.Id, Identity.EffectiveUid()), (credentials.Pid, credentials.Uid));
            Assert.Equal((Errno.None, false), (process!.HasExited(out bool exited), exited));
            using Epoll epoll = Made.Epoll();
            Assert.Equal(Errno.None, epoll.Add(process, EpollEvents.In, 1));

            server.Kill();

            EpollEvent[] events = new EpollEvent[1];
            Assert.Equal((Errno.None, 1), (epoll.Wait(events, -1, out int count), count));
            Assert.Equal((Errno.None, true), (process.HasExited(out exited), exited));

            // And from here on the kernel has no process of this number, while ours still names the dead one.
            Assert.Equal(Errno.ESRCH, PidFd.Open(credentials.Pid, out PidFd? gone));
            Assert.Null(gone);
            Assert.NotEqual(0ul, Inode(process));
        }
    }

    [NeedsFact(Need.Gcc)]
    public void GetInode_TwoProcesses_DifferAndEachKeepsItsOwn()
    {
        string program = CProgram.Compile(_names, "processes/holder.c");
        using ChildProcess one = ChildProcess.Start(program, "idle");
        using ChildProcess two = ChildProcess.Start(program, "idle");
        ulong[] inodes = [.. new[] { one.Id, two.Id, one.Id }.Select(InodeOf)];

        Assert.Equal(inodes[0], inodes[2]);
        Assert.NotEqual(inodes[0], inodes[1]);
    }

    [Fact]
    public void Open_NoProcess_IsAnError()
    {
        Assert.Equal(Errno.EINVAL, PidFd.Open(0, out _));
        Assert.Equal(Errno.EINVAL, PidFd.Open(-1, out _));
        Assert.Equal(Errno.ESRCH, PidFd.Open(int.MaxValue, out _));
    }

    [Fact]
    public void GetInode_OfWhatIsNoPidFd_IsAnError()
    {
        using FileDescriptor memory = Made.Memory();
        Assert.Equal(Errno.None, Native.Reopen(memory, Native.O_RDONLY, out FileDescriptor? again));
        using var disguised = new PidFd(again!.Number);
        again.SetHandleAsInvalid();

        Assert.Equal((Errno.EOPNOTSUPP, 0ul), (disguised.GetInode(out ulong inode), inode));
    }

    private static ulong InodeOf(int pid)
    {
        Assert.Equal(Errno.None, PidFd.Open(pid, out PidFd? process));
        using (process)
            return Inode(process!);
    }

    private static ulong Inode(PidFd process)
    {
        Assert.Equal(Errno.None, process.GetInode(out ulong inode));
        return inode;
    }
}
