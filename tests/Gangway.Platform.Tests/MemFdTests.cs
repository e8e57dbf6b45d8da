// SPDX-License-Identifier: MIT

namespace Gangway.Platform.Tests;

public sealed class MemFdTests
{
    private const Seals All = Seals.Shrink | Seals.Grow | Seals.FutureWrite | Seals.Seal | Seals.Exec;

    [Fact]
    public void Create_Normally_IsEmptySealableAndPrivate()
    {
        using FileDescriptor memory = Made.Memory(3 * Made.PageBytes);

        Assert.Equal(Errno.None, MemFd.Inspect(memory, out MemFdInfo info));
        Assert.Equal(new MemFdInfo(3 * Made.PageBytes, 0, IsTmpfs: true, Seals.Exec, Identity.EffectiveUid()), info);
        Assert.Equal(Errno.None, Files.Describe(memory, out FileStatus status));
        Assert.Equal(0x180u, status.Mode); // 0600
        Assert.False(status.IsDirectory || status.IsSocket);
    }

    [Fact]
    public void Create_KernelWithoutTheExecSeal_MakesItPrivateAllTheSame()
    {
        MemFd.HasNoExecSeal = false;
        try
        {
            using FileDescriptor memory = Made.Memory();
            Assert.Equal(Errno.None, MemFd.Inspect(memory, out MemFdInfo info));
            Assert.Equal(Seals.None, info.Seals);
            Assert.Equal(Errno.None, Files.Describe(memory, out FileStatus status));
            Assert.Equal(0x180u, status.Mode);
            Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.Shrink | Seals.Grow | Seals.FutureWrite | Seals.Seal));
        }
        finally
        {
            MemFd.HasNoExecSeal = true;
        }
    }

    [Fact]
    public void Create_BadNameOrLength_AnswersWithAnError()
    {
        Assert.Equal(Errno.EINVAL, MemFd.Create(new string('x', 250), 1, out FileDescriptor? memory));
        Assert.Null(memory);
        Assert.True(MemFd.HasNoExecSeal, "A bad name was taken for an old kernel.");
        Assert.Equal(Errno.EINVAL, MemFd.Create("x", ulong.MaxValue, out memory));
        Assert.Null(memory);
    }

    [Fact]
    public void Seals_ShrinkAndGrow_StopTruncate()
    {
        using FileDescriptor memory = Made.Memory();
        Assert.Equal(Errno.None, Native.Truncate(memory, 0));
        Assert.Equal(Errno.None, Native.Truncate(memory, 4096));

        Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.Shrink | Seals.Grow));

        Assert.Equal(Errno.EPERM, Native.Truncate(memory, 0));
        Assert.Equal(Errno.EPERM, Native.Truncate(memory, 8192));
        Assert.Equal(Errno.None, Native.Truncate(memory, 4096));
    }

    [Fact]
    public void Seals_FutureWrite_StopsEveryNewWayToWrite()
    {
        using FileDescriptor memory = Made.Memory();
        using Mapping writer = Made.Mapping(memory, MappingAccess.ReadWrite);
        Assert.Equal(Errno.None, Native.WriteAt(memory, [1], 0));
        Assert.Equal(Errno.None, Native.PunchHole(memory, 0, 4096));

        Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.FutureWrite));

        Assert.Equal(Errno.EPERM, Mapping.Map(memory, 4096, MappingAccess.ReadWrite, out Mapping? second));
        Assert.Null(second);
        Assert.Equal(Errno.EACCES, Native.MapThenProtect(memory, 4096, Native.PROT_READ, Native.PROT_READ | Native.PROT_WRITE));
        Assert.Equal(Errno.EPERM, Native.WriteAt(memory, [1], 0));
        Assert.Equal(Errno.EPERM, Native.PunchHole(memory, 0, 4096));
        Assert.Equal(Errno.EPERM, Native.Remove(writer));
        Assert.Equal(Errno.None, Native.Reopen(memory, Native.O_RDWR, out FileDescriptor? again));
        using (again)
            Assert.Equal(Errno.EPERM, Mapping.Map(again!, 4096, MappingAccess.ReadWrite, out _));

        writer.Write(0, (byte)7);
        Assert.Equal(7, Native.ReadByteAt(memory, 0));
    }

    [Fact]
    public void Seals_FutureWriteAfterAReadOnlyMapping_ComesTooLateForThatMapping()
    {
        // Why the handshake seals before it sends: this mapping can still be made writable.
        using FileDescriptor memory = Made.Memory();
        using Mapping early = Made.Mapping(memory, MappingAccess.Read);
        Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.FutureWrite));
        using Mapping late = Made.Mapping(memory, MappingAccess.Read);

        Assert.Equal(Errno.None, Native.Protect(early, Native.PROT_READ | Native.PROT_WRITE));
        Assert.Equal(Errno.EACCES, Native.Protect(late, Native.PROT_READ | Native.PROT_WRITE));
    }

    [Fact]
    public void Seals_SealOnceAdded_AllowsNoOtherSeal()
    {
        using FileDescriptor memory = Made.Memory();
        Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.Seal));

        Assert.Equal(Errno.EPERM, MemFd.AddSeals(memory, Seals.Grow));
        Assert.Equal(Errno.None, MemFd.Inspect(memory, out MemFdInfo info));
        Assert.Equal(Seals.Seal | Seals.Exec, info.Seals);
    }

    [Fact]
    public void Seals_Exec_StopsMakingItExecutable()
    {
        using FileDescriptor memory = Made.Memory();

        Assert.Equal(Errno.EPERM, Native.ChangeMode(memory, 0x1c0)); // 0700
        Assert.Equal(Errno.None, Native.ChangeMode(memory, 0x180));
    }

    [Fact]
    public void Seals_WriteWhileWritableMappingExists_IsBusy()
    {
        using FileDescriptor memory = Made.Memory();
        using (Made.Mapping(memory, MappingAccess.ReadWrite))
            Assert.Equal(Errno.EBUSY, MemFd.AddSeals(memory, Seals.Write));

        Assert.Equal(Errno.None, MemFd.AddSeals(memory, Seals.Write));
        Assert.Equal(Errno.EPERM, Native.WriteAt(memory, [1], 0));
    }

    [Fact]
    public void Seals_ReadOnlyDescriptorOrNoMemFd_CannotSeal()
    {
        using FileDescriptor memory = Made.Memory();
        Assert.Equal(Errno.None, Native.Reopen(memory, Native.O_RDONLY, out FileDescriptor? readOnly));
        using (readOnly)
            Assert.Equal(Errno.EPERM, MemFd.AddSeals(readOnly!, Seals.Grow));

        Assert.Equal(Errno.None, Native.OpenPath("/dev/null", Native.O_RDWR, out FileDescriptor? device));
        using (device)
            Assert.Equal(Errno.EINVAL, MemFd.AddSeals(device!, Seals.Grow));

        Assert.Equal(Errno.EINVAL, MemFd.AddSeals(memory, (Seals)0x8000));
    }

    [Fact]
    public void Inspect_AllSeals_ReportsThemAndWhatIsAllocated()
    {
        using FileDescriptor memory = Made.Memory(4 * Made.PageBytes);
        Assert.Equal(Errno.None, Native.WriteAt(memory, [1], 4096));
        Assert.Equal(Errno.None, MemFd.AddSeals(memory, All));

        Assert.Equal(Errno.None, MemFd.Inspect(memory, out MemFdInfo info));
        Assert.Equal(0x37u, (uint)info.Seals);
        Assert.Equal((4 * Made.PageBytes, Made.PageBytes), (info.Bytes, info.AllocatedBytes));
    }

    [Theory]
    [InlineData("/proc/self/status")]
    [InlineData("/proc/self/fd")]
    public void Inspect_NoMemFd_HasNoSealsAndIsNoError(string path)
    {
        using FileDescriptor file = OpenReadOnly(path);

        Assert.Equal(Errno.None, MemFd.Inspect(file, out MemFdInfo info));
        Assert.Equal(Seals.None, info.Seals);
        Assert.False(info.IsTmpfs);
    }

    [Fact]
    public void Inspect_PlainFileWithBytes_HasNoSealsAndItsLength()
    {
        string path = typeof(MemFdTests).Assembly.Location;
        using FileDescriptor file = OpenReadOnly(path);

        Assert.Equal(Errno.None, MemFd.Inspect(file, out MemFdInfo info));
        Assert.Equal((ulong)new FileInfo(path).Length, info.Bytes);
        Assert.False(info.Seals.HasFlag(Seals.Shrink) || info.Seals.HasFlag(Seals.FutureWrite));
    }

    private static FileDescriptor OpenReadOnly(string path)
    {
        Assert.Equal(Errno.None, Native.OpenPath(path, Native.O_RDONLY, out FileDescriptor? file));
        return file!;
    }
}
