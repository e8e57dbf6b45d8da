// SPDX-License-Identifier: MIT

namespace Gangway.Platform.Tests;

public sealed class EventFdTests
{
    [Fact]
    public void SignalAndDrain_AnyNumberOfTimes_MakeItReadableAndNot()
    {
        using EventFd eventFd = Made.EventFd();
        Assert.False(IsReadable(eventFd));
        Assert.Equal(Errno.None, eventFd.Drain());

        for (int i = 0; i < 3; i++)
            Assert.Equal(Errno.None, eventFd.Signal());
        Assert.True(IsReadable(eventFd));

        Assert.Equal(Errno.None, eventFd.Drain());
        Assert.False(IsReadable(eventFd));
    }

    [Fact]
    public void Signal_CounterFull_NeitherBlocksNorFails()
    {
        using EventFd eventFd = Made.EventFd();
        Native.FillCounter(eventFd);

        Assert.Equal(Errno.None, eventFd.Signal());

        Assert.True(IsReadable(eventFd));
    }

    private static bool IsReadable(EventFd eventFd)
    {
        Errno error = Poll.WaitReadable(eventFd, deadlineNs: 0);
        Assert.True(error is Errno.None or Errno.ETIMEDOUT);
        return error == Errno.None;
    }
}
