// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class FilesTests : IDisposable
{
    private readonly TempNames _names = new();

    public void Dispose() => _names.Dispose();

    [Fact]
    public void OpenDirectory_Missing_IsMadeWithTheModeIfAsked()
    {
        string path = _names.PathOf("d");
        Assert.Equal(Errno.ENOENT, Files.OpenDirectory(path, create: false, 0x1c0, out FileDescriptor? directory));
        Assert.Null(directory);

        uint umask = Native.SetUmask(0x3f); // 0077
        try
        {
            Assert.Equal(Errno.None, Files.OpenDirectory(path, create: true, 0x1ed, out directory)); // 0755
        }
        finally
        {
            Native.SetUmask(umask);
        }

        using (directory)
        {
            Assert.Equal(Errno.None, Files.Describe(directory!, out FileStatus status));
            Assert.Equal((0x1edu, true, false, Identity.EffectiveUid()), (status.Mode, status.IsDirectory, status.IsSocket, status.OwnerUid));
            Assert.Equal(Errno.None, Files.DescribePath(path, out FileStatus again));
            Assert.Equal(status, again);
        }

        Assert.Equal(Errno.None, Files.OpenDirectory(path, create: true, 0x1c0, out directory));
        using (directory)
        {
            Assert.Equal(Errno.None, Files.Describe(directory!, out FileStatus kept));
            Assert.Equal(0x1edu, kept.Mode);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenDirectory_SymbolicLinkOrFile_IsRefused(bool create)
    {
        Directory.CreateSymbolicLink(_names.PathOf("link"), _names.Folder);
        File.WriteAllText(_names.PathOf("file"), "");

        Assert.Equal(Errno.ENOTDIR, Files.OpenDirectory(_names.PathOf("link"), create, 0x1c0, out FileDescriptor? directory));
        Assert.Null(directory);
        Assert.Equal(Errno.ENOTDIR, Files.OpenDirectory(_names.PathOf("file"), create, 0x1c0, out directory));
        Assert.Null(directory);
    }

    [Fact]
    public void DescribePath_SymbolicLink_DescribesTheLink()
    {
        Directory.CreateSymbolicLink(_names.PathOf("link"), _names.Folder);
        Assert.Equal(Errno.None, Files.DescribePath(_names.PathOf("link"), out FileStatus status));
        Assert.False(status.IsDirectory);

        Assert.Equal(Errno.ENOENT, Files.DescribePath(_names.PathOf("nothing"), out status));
        Assert.Equal(default, status);
    }

    [Fact]
    public void TryLock_AnotherOpenFile_SeesTheLockUntilItIsClosed()
    {
        string path = _names.PathOf("l");
        FileDescriptor holder = LockFile(path);
        using FileDescriptor other = LockFile(path);
        Assert.Equal((Errno.None, false), (Files.IsLocked(path, out bool locked), locked));

        Assert.Equal(Errno.None, Files.TryLock(holder));
        Assert.Equal(Errno.None, Files.TryLock(holder));
        Assert.Equal(Errno.EAGAIN, Files.TryLock(other));
        Assert.Equal((Errno.None, true), (Files.IsLocked(path, out locked), locked));

        // Looking closes a descriptor of the same file, which would drop a lock of the older kind.
        Assert.Equal(Errno.EAGAIN, Files.TryLock(other));

        holder.Dispose();
        Assert.Equal((Errno.None, false), (Files.IsLocked(path, out locked), locked));
        Assert.Equal(Errno.None, Files.TryLock(other));
    }

    [NeedsFact(Need.Gcc)]
    public void TryLock_AnotherProcess_HoldsItUntilItDies()
    {
        string path = _names.PathOf("l");
        using ChildProcess holder = ChildProcess.Start(CProgram.Compile(_names, "processes/holder.c"), "lock", path);
        Assert.Equal("ready", holder.ReadLine());
        using FileDescriptor own = LockFile(path);
        Assert.Equal(Errno.EAGAIN, Files.TryLock(own));
        Assert.Equal((Errno.None, true), (Files.IsLocked(path, out bool locked), locked));

        holder.Kill();

        Assert.Equal((Errno.None, false), (Files.IsLocked(path, out locked), locked));
        Assert.Equal(Errno.None, Files.TryLock(own));
    }

    [Fact]
    public void LockFile_SymbolicLinkOrMissing_IsAnError()
    {
        File.WriteAllText(_names.PathOf("real"), "");
        File.CreateSymbolicLink(_names.PathOf("link"), _names.PathOf("real"));

        Assert.Equal(Errno.ELOOP, Files.OpenLockFile(_names.PathOf("link"), 0x180, out FileDescriptor? file));
        Assert.Null(file);
        Assert.Equal(Errno.ENOENT, Files.OpenLockFile(_names.PathOf("no/l"), 0x180, out file));
        Assert.Equal(Errno.EISDIR, Files.OpenLockFile(_names.Folder, 0x180, out file));
        Assert.Equal((Errno.ELOOP, false), (Files.IsLocked(_names.PathOf("link"), out bool locked), locked));
        Assert.Equal((Errno.ENOENT, false), (Files.IsLocked(_names.PathOf("nothing"), out locked), locked));
    }

    [Fact]
    public void LockFile_Made_HasTheMode()
    {
        using FileDescriptor file = LockFile(_names.PathOf("l"));
        Assert.Equal(Errno.None, Files.Describe(file, out FileStatus status));
        Assert.Equal((0x180u, false, false), (status.Mode, status.IsDirectory, status.IsSocket));
        using FileDescriptor other = LockFile(_names.PathOf("m"));
        Assert.Equal(Errno.None, Files.Describe(other, out FileStatus second));
        Assert.Equal(status.Device, second.Device);
        Assert.NotEqual(status.Inode, second.Inode);
    }

    [Fact]
    public void Rename_OntoANameInUse_TakesItsPlace()
    {
        string from = _names.PathOf("from"), to = _names.PathOf("to");
        using UnixSocket old = Made.Listener(to);
        using UnixSocket young = Made.Listener(from);

        Assert.Equal(Errno.None, Files.Rename(from, to));

        Assert.Equal(Errno.ENOENT, Files.DescribePath(from, out _));
        using UnixSocket client = Made.Connection(to);
        Assert.Equal(Errno.EAGAIN, old.Accept(out _));
        Made.Accepted(young).Dispose();
        Assert.Equal(Errno.ENOENT, Files.Rename(from, to));
    }

    [Fact]
    public void Unlink_FileThenNothing_RemovesItOnce()
    {
        string path = _names.PathOf("f");
        File.WriteAllText(path, "");
        Assert.Equal(Errno.None, Files.Unlink(path));
        Assert.Equal(Errno.ENOENT, Files.Unlink(path));
        Assert.Equal(Errno.EISDIR, Files.Unlink(_names.Folder));
    }

    private static FileDescriptor LockFile(string path)
    {
        Assert.Equal(Errno.None, Files.OpenLockFile(path, 0x180, out FileDescriptor? file));
        return file!;
    }
}
