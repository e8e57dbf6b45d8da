// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class MappingTests
{
    private const int Pages = 4;
    private const ulong Bytes = Pages * Made.PageBytes;

    [Fact]
    public void Map_TwiceWithDifferentAccess_SharesTheMemory()
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        using Mapping writer = Made.Mapping(memory, MappingAccess.ReadWrite);
        using Mapping reader = Made.Mapping(memory, MappingAccess.Read);

        writer.Write(Bytes - 8, 0x1122334455667788ul);

        Assert.Equal(0x1122334455667788ul, reader.Read<ulong>(Bytes - 8));
        Assert.Equal((MappingAccess.ReadWrite, MappingAccess.Read), (writer.Access, reader.Access));
        Assert.Equal((Bytes, Bytes), (writer.ByteLength, reader.ByteLength));
        Assert.StartsWith("rw-s", Protection(writer), StringComparison.Ordinal);
        Assert.StartsWith("r--s", Protection(reader), StringComparison.Ordinal);
    }

    [Fact]
    public void Map_WhatCannotBe_AnswersWithAnError()
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        Assert.Equal(Errno.EINVAL, Mapping.Map(memory, 0, MappingAccess.Read, out Mapping? mapping));
        Assert.Null(mapping);
        Assert.Equal(Errno.ENOMEM, Mapping.Map(memory, ulong.MaxValue / 2, MappingAccess.Read, out _));

        Assert.Equal(Errno.None, Native.Reopen(memory, Native.O_RDONLY, out FileDescriptor? readOnly));
        using (readOnly)
            Assert.Equal(Errno.EACCES, Mapping.Map(readOnly!, Bytes, MappingAccess.ReadWrite, out _));

        Assert.Equal(Errno.None, Files.OpenDirectory("/", create: false, 0, out FileDescriptor? directory));
        using (directory)
            Assert.Equal(Errno.ENODEV, Mapping.Map(directory!, Bytes, MappingAccess.Read, out _));
    }

    [Fact]
    public void Map_ReadOnlyDescriptor_CanBeRead()
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        Assert.Equal(Errno.None, Native.Reopen(memory, Native.O_RDONLY, out FileDescriptor? readOnly));
        using (readOnly)
        {
            using Mapping reader = Made.Mapping(readOnly!, MappingAccess.Read);
            Assert.Equal(0, reader.Read<byte>(0));
        }
    }

    [Fact]
    public void Map_Always_IsNotInheritedByFork()
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        using Mapping mapping = Made.Mapping(memory, MappingAccess.ReadWrite);
        Assert.Contains("dc", Flags(mapping));

        Assert.Equal(Errno.None, mapping.ReplaceWithZeroPages());
        Assert.Contains("dc", Flags(mapping));
    }

    [Fact]
    public void Dispose_LastUserGone_UnmapsAndOutlivesTheDescriptor()
    {
        var before = ProcessAccounting.Take();
        FileDescriptor memory = Made.Memory(Bytes);
        Mapping mapping = Made.Mapping(memory, MappingAccess.ReadWrite);
        memory.Dispose();
        mapping.Write(0, 5);
        Assert.Equal(5, mapping.Read<int>(0));
        Assert.NotEqual("", before.Added(ProcessAccounting.Take()));

        bool held = false;
        mapping.DangerousAddRef(ref held);
        mapping.Dispose();
        Assert.NotEqual("", before.Added(ProcessAccounting.Take()));
        mapping.DangerousRelease();

        before.AssertNothingLeft();
        Assert.Throws<ObjectDisposedException>(() => mapping.Populate());
        Assert.Throws<ObjectDisposedException>(() => mapping.ReplaceWithZeroPages());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Populate_EitherAccess_AllocatesEveryPage(bool writable)
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        using Mapping mapping = Made.Mapping(memory, writable ? MappingAccess.ReadWrite : MappingAccess.Read);
        Assert.Equal(0ul, Allocated(memory));

        Assert.Equal(Errno.None, mapping.Populate());

        Assert.Equal(Bytes, Allocated(memory));
        Assert.Equal(Bytes / 1024, Resident(mapping));
    }

    [Fact]
    public void Populate_BehindTheEndOfTheFile_IsAnErrorAndNoSignal()
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        using Mapping mapping = Made.Mapping(memory, MappingAccess.ReadWrite);
        Assert.Equal(Errno.None, Native.Truncate(memory, 4096));

        Assert.Equal(Errno.EFAULT, mapping.Populate());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReplaceWithZeroPages_EitherAccess_IsPrivateWritableAndZero(bool writable)
    {
        using FileDescriptor memory = Made.Memory(Bytes);
        using Mapping owner = Made.Mapping(memory, MappingAccess.ReadWrite);
        using Mapping mapping = Made.Mapping(memory, writable ? MappingAccess.ReadWrite : MappingAccess.Read);
        owner.Write(4096, 0x55);
        long address = Native.AddressOf(mapping);

        Assert.Equal(Errno.None, mapping.ReplaceWithZeroPages());

        Assert.Equal((address, Bytes), (Native.AddressOf(mapping), mapping.ByteLength));
        Assert.StartsWith("rw-p", Protection(mapping), StringComparison.Ordinal);
        Assert.Equal(0, mapping.Read<int>(4096));
        mapping.Write(4096, 0x66);
        Assert.Equal(0x66, mapping.Read<int>(4096));
        Assert.Equal(0x55, owner.Read<int>(4096));
        Assert.Equal(writable ? MappingAccess.ReadWrite : MappingAccess.Read, mapping.Access);
    }

    [Fact]
    public void ReplaceWithZeroPages_WhileOthersReadAndWrite_NeitherFaultsNorLeaksAWrite()
    {
        for (int round = 0; round < 200; round++)
        {
            using FileDescriptor memory = Made.Memory(Bytes);
            using Mapping owner = Made.Mapping(memory, MappingAccess.ReadWrite);
            using Mapping written = Made.Mapping(memory, MappingAccess.ReadWrite);
            using Mapping read = Made.Mapping(memory, MappingAccess.Read);
            bool stop = false;
            ulong last = 0;
            var writer = new Sleeper<bool>(() =>
            {
                for (ulong value = 1; !Volatile.Read(ref stop); value++)
                {
                    for (ulong page = 0; page < Pages; page++)
                        written.Write(page * Made.PageBytes, value);

                    Volatile.Write(ref last, value);
                }

                return true;
            });
            var reader = new Sleeper<bool>(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    for (ulong page = 0; page < Pages; page++)
                        _ = read.Read<ulong>(page * Made.PageBytes);
                }

                return true;
            });

            // The writer has passed all pages since the last look: whatever it does now, it does in the new pages.
            WaitForTwoMore();
            Assert.Equal(Errno.None, written.ReplaceWithZeroPages());
            Assert.Equal(Errno.None, read.ReplaceWithZeroPages());
            ulong[] then = Snapshot(owner);
            WaitForTwoMore();
            Assert.Equal(then, Snapshot(owner));
            Volatile.Write(ref stop, true);
            Assert.True(writer.Result() && reader.Result());
            Assert.All(Snapshot(written), value => Assert.Equal(last, value));
            Assert.All(Snapshot(read), value => Assert.Equal(0ul, value));

            void WaitForTwoMore()
            {
                ulong now = Volatile.Read(ref last);
                Watchdog.Until(() => Volatile.Read(ref last) >= now + 2 || !writer.IsAlive, "a writer to go on");
            }
        }
    }

    private static ulong[] Snapshot(Mapping mapping) =>
        [.. Enumerable.Range(0, Pages).Select(page => mapping.Read<ulong>((ulong)page * Made.PageBytes))];

    private static ulong Allocated(FileDescriptor memory)
    {
        Assert.Equal(Errno.None, MemFd.Inspect(memory, out MemFdInfo info));
        return info.AllocatedBytes;
    }

    private static string Protection(Mapping mapping) => Smaps(mapping)[0].Split(' ')[1];

    private static string[] Flags(Mapping mapping) =>
        Smaps(mapping).Single(line => line.StartsWith("VmFlags:", StringComparison.Ordinal)).Split(' ');

    private static ulong Resident(Mapping mapping)
    {
        string line = Smaps(mapping).Single(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return ulong.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // The lines about one mapping: the one that begins with its address, and those up to its flags.
    private static string[] Smaps(Mapping mapping)
    {
        string start = Native.AddressOf(mapping).ToString("x", CultureInfo.InvariantCulture) + "-";
        string[] rest = [.. File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith(start, StringComparison.Ordinal))];
        int flags = Array.FindIndex(rest, line => line.StartsWith("VmFlags:", StringComparison.Ordinal));
        return rest[..(flags + 1)];
    }
}
