// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Globalization;
using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class FutexTests : IDisposable
{
    private const ulong Word = 128;

    private readonly FileDescriptor _memory = Made.Memory();
    private readonly Mapping _writer;
    private readonly Mapping _reader;
    private readonly ParkingWord _alarm = new();

    public FutexTests()
    {
        _writer = Made.Mapping(_memory, MappingAccess.ReadWrite);
        _reader = Made.Mapping(_memory, MappingAccess.Read);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void WaitAny_SharedWordWokenThroughAnotherMapping_Returns()
    {
        Sleeper<Errno> sleeper = Sleep(Made.Never);

        _writer.Write(Word, 1u);
        Assert.Equal(1, Futex.Wake(_writer, (nuint)Word, 1));

        Assert.Equal(Errno.None, sleeper.Result());
    }

    [NeedsFact(Need.Gcc)]
    public void WaitAny_SharedWordWokenByAnotherProcess_Returns()
    {
        using var names = new TempNames();
        Sleeper<Errno> sleeper = Sleep(Made.Never);
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{_memory.Number}");
        using ChildProcess other = ChildProcess.Start(
            CProgram.Compile(names, "processes/holder.c"), "wake", path, Word.ToString(CultureInfo.InvariantCulture));

        Assert.Equal("woke 1", other.ReadLine());
        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Fact]
    public void WaitAny_AlarmWoken_Returns()
    {
        Sleeper<Errno> sleeper = Sleep(Made.After(milliseconds: 600_000));

        _alarm.Bump();
        _alarm.Wake(1);

        Assert.Equal(Errno.None, sleeper.Result());
        Assert.Equal(0, Futex.Wake(_writer, (nuint)Word, 1));
    }

    [Fact]
    public void WaitAny_WrongWordWoken_SleepsOn()
    {
        Sleeper<Errno> sleeper = Sleep(Made.Never);

        Assert.Equal(0, Futex.Wake(_writer, (nuint)Word + 4, 1));
        new ParkingWord().Wake(1);
        sleeper.WaitUntilAsleepIn(Syscall.SYS_futex_waitv);

        Assert.Equal(1, Futex.Wake(_reader, (nuint)Word, int.MaxValue));
        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Fact]
    public void WaitAny_EitherWordChangedAlready_ReturnsAtOnce()
    {
        Assert.Equal(Errno.EAGAIN, Futex.WaitAny(_reader, (nuint)Word, 1, _alarm, 0, Made.Never));
        Assert.Equal(Errno.EAGAIN, Futex.WaitAny(_reader, (nuint)Word, 0, _alarm, 1, Made.Never));
    }

    [Fact]
    public void WaitAny_NobodyWakes_TimesOutNotBeforeTheDeadline()
    {
        long deadline = Made.After(milliseconds: 20);
        Assert.Equal(Errno.ETIMEDOUT, Futex.WaitAny(_reader, (nuint)Word, 0, _alarm, 0, deadline));
        Assert.True(Stopwatch.GetTimestamp() >= deadline);
        Assert.Equal(Errno.ETIMEDOUT, Futex.WaitAny(_reader, (nuint)Word, 0, _alarm, 0, -1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WaitAny_InterruptedBySignals_SleepsOn(bool hasDeadline)
    {
        using var signal = new HandledSignal();
        Sleeper<Errno> sleeper = Sleep(hasDeadline ? Made.After(milliseconds: 600_000) : Made.Never);
        for (int i = 0; i < 20; i++)
        {
            sleeper.Interrupt();
            sleeper.WaitUntilAsleepIn(Syscall.SYS_futex_waitv);
        }

        _alarm.Wake(1);
        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Fact]
    public void WaitAny_MappingDisposedMeanwhile_HoldsItUntilTheEnd()
    {
        Mapping own = Made.Mapping(_memory, MappingAccess.Read);
        var sleeper = new Sleeper<Errno>(() => Futex.WaitAny(own, (nuint)Word, 0, _alarm, 0, Made.Never));
        sleeper.WaitUntilAsleepIn(Syscall.SYS_futex_waitv);
        own.Dispose();
        Assert.Equal(1, Futex.Wake(_writer, (nuint)Word, 1));
        Assert.Equal(Errno.None, sleeper.Result());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16384)]
    [InlineData(16382)]
    [InlineData(-4)]
    public void Word_OutsideOrUnaligned_Throws(long offset)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Futex.Wake(_writer, unchecked((nuint)offset), 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Futex.WaitAny(_reader, unchecked((nuint)offset), 0, _alarm, 0, Made.Never));
    }

    [Fact]
    public void Wake_LastWordAndNobodyAsleep_WakesNobody()
    {
        Assert.Equal(0, Futex.Wake(_writer, (nuint)_writer.ByteLength - 4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Futex.Wake(_writer, 0, 0));
    }

    [Fact]
    public void Wake_PageThatCannotBeHad_AnswersMinusOne()
    {
        using FileDescriptor memory = Made.Memory();
        using Mapping mapping = Made.Mapping(memory, MappingAccess.ReadWrite);
        Assert.Equal(Errno.None, Native.Truncate(memory, 0));

        Assert.Equal(-1, Futex.Wake(mapping, 0, 1));
        Assert.Equal(Errno.EFAULT, Futex.WaitAny(mapping, 0, 0, _alarm, 0, Made.Never));
    }

    private Sleeper<Errno> Sleep(long deadlineNs)
    {
        var sleeper = new Sleeper<Errno>(() => Futex.WaitAny(_reader, (nuint)Word, 0, _alarm, 0, deadlineNs));
        sleeper.WaitUntilAsleepIn(Syscall.SYS_futex_waitv);
        return sleeper;
    }
}
