// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A source that wakes up in the middle of a look at it, at each place where a set looks: nothing is lost.</summary>
[Rule("RD-02")]
public sealed class EpollSetWakeTests
{
    private const EpollMask In = EpollMask.Readable, Edge = EpollMask.Edge;

    [Fact]
    public void Add_SourceWakesBehindTheLook_IsReported()
    {
        using var set = new EpollSet();
        var source = new Source { WakesBehindLook = true };
        Add(set, source, In | Edge);
        Assert.Equal(1, set.Poll(new EpollReport[2]));
        Assert.Equal(0, set.Poll(new EpollReport[2]));
    }

    [Fact]
    public void Modify_SourceWakesBehindTheLook_IsReported()
    {
        using var set = new EpollSet();
        var source = new Source();
        Add(set, source, default);
        source.WakesBehindLook = true;
        Insides.Invoke(set, "ModifyPlace", source, In | Edge, 1ul);
        Assert.Equal(1, set.Poll(new EpollReport[2]));
    }

    [Theory]
    [InlineData(Edge)]
    [InlineData(EpollMask.None)]
    public void Wait_SourceWakesBehindTheLook_IsReportedNextTime(EpollMask manner)
    {
        using var set = new EpollSet();
        var source = new Source();
        Add(set, source, In | manner);
        source.Wake();
        source.IsReady = false;
        source.WakesBehindLook = true;
        Assert.Equal(0, set.Poll(new EpollReport[2]));
        Assert.Equal(1, set.Poll(new EpollReport[2]));

        // An edge that comes behind the look of its report is one more.
        source.Wake();
        source.WakesBehindLook = true;
        Assert.Equal(1, set.Poll(new EpollReport[2]));
        Assert.Equal(1, set.Poll(new EpollReport[2]));
    }

    // It is in the list again, and was told to nobody, for nobody slept.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_SourceWakesBehindTheLook_DoesNotSleep(bool hasDescriptor)
    {
        using var set = new EpollSet();
        using var pipe = new Pipe();
        if (hasDescriptor)
            set.Add(pipe.Reader, In, 2);
        var source = new Source();
        Add(set, source, In | Edge);
        source.Wake();
        source.IsReady = false;
        source.WakesBehindLook = true;
        Assert.Equal(1, Watchdog.Run(() => set.Wait(new EpollReport[2])));
    }

    [Fact]
    public void Nested_SourceWakesBehindTheLook_IsReportedNextTime()
    {
        using EpollSet outer = new(), inner = new();
        outer.Add(inner, In | Edge, 1);
        var source = new Source();
        Add(inner, source, In | Edge);
        source.Wake();
        source.IsReady = false;
        source.WakesBehindLook = true;
        Assert.Equal(0, outer.Poll(new EpollReport[2]));
        Assert.Equal(1, outer.Poll(new EpollReport[2]));
        Assert.Equal(1, inner.Poll(new EpollReport[2]));
    }

    private static void Add(EpollSet set, Source source, EpollMask mask) => Insides.Invoke(set, "AddPlace", source, mask, 1ul, null!);

    private sealed class Source : IReadinessSource
    {
        private WatchList _watches;

        public ref WatchList Watches => ref _watches;

        internal bool IsReady { get; set; }

        internal bool WakesBehindLook { get; set; }

        public uint Look()
        {
            bool wasReady = IsReady;
            if (WakesBehindLook)
            {
                WakesBehindLook = false;
                Wake();
            }

            return wasReady ? (uint)In : 0;
        }

        internal void Wake()
        {
            IsReady = true;
            _watches.Wake((uint)In);
        }
    }
}
