// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The table of errors, call by call beside the kernel's: LTP epoll_ctl02, 04 to 07, epoll_wait03, and all flags with Exclusive.</summary>
[Rule("RD-01")]
public sealed class EpollSetErrorTests : IDisposable
{
    private const EpollMask In = EpollMask.Readable;
    private const int Pipe = EpollWorld.FirstFile, Copy = Pipe + 3, First = EpollWorld.FirstSet;

    private readonly EpollWorld[] _worlds = [EpollWorld.Make("kernel"), EpollWorld.Make("gangway")];

    public void Dispose()
    {
        foreach (EpollWorld world in _worlds)
            world.Dispose();
    }

    [Fact]
    public void Control_EachMistake_GivesTheKernelsError()
    {
        foreach (int source in (int[])[0, Pipe, First + 1])
        {
            Same(EpollStatus.NotThere, world => world.Modify(0, source, In, 1));
            Same(EpollStatus.NotThere, world => world.Remove(0, source));
            Same(EpollStatus.Ok, world => world.Add(0, source, In, 1));
            Same(EpollStatus.Exists, world => world.Add(0, source, In, 1));
            Same(EpollStatus.Exists, world => world.Add(0, source, EpollMask.Edge, 2));
            Same(EpollStatus.Invalid, world => world.Modify(0, source, In | EpollMask.Exclusive, 1));
            Same(EpollStatus.Ok, world => world.Modify(0, source, In, 1));
            Same(EpollStatus.Ok, world => world.Remove(0, source));
            Same(EpollStatus.NotThere, world => world.Remove(0, source));
            Same(EpollStatus.Invalid, world => world.Modify(0, source, In | EpollMask.Exclusive, 1));
        }

        foreach (EpollMask mask in (EpollMask[])[In, In | EpollMask.Exclusive])
        {
            Same(EpollStatus.Invalid, world => world.Add(0, First, mask, 1));
            Same(EpollStatus.Invalid, world => world.Modify(0, First, mask, 1));
        }

        Same(EpollStatus.Invalid, static world => world.Remove(0, First));
    }

    [Fact]
    public void Control_ClosedDescriptor_IsEbadf()
    {
        Same(EpollStatus.Closed, static world => world.Add(0, Copy, In, 1));
        Same(EpollStatus.Closed, static world => world.Modify(0, Copy, In, 1));
        Same(EpollStatus.Closed, static world => world.Remove(0, Copy));
    }

    // LTP epoll_ctl06: what can be waited for, and what is always ready.
    [Fact]
    public void Add_KindsOfFiles_ArePollableOrNot()
    {
        using TempNames names = new();
        string path = Path.Combine(names.Folder, names.Next());
        using FileStream file = File.Create(path);
        using var set = new EpollSet();
        Assert.Equal(EpollStatus.NotPollable, set.Add(file.SafeFileHandle, In, 1));
        Assert.Equal(EpollStatus.NotPollable, set.Modify(file.SafeFileHandle, In, 1));
        Assert.Equal(EpollStatus.NotPollable, set.Remove(file.SafeFileHandle));
        file.Dispose();
        Assert.Equal(EpollStatus.Closed, set.Add(file.SafeFileHandle, In, 1));
    }

    // 2^10 combinations with Exclusive, for each kind of source: which are refused is a fact of the kernel's.
    [Rule("RD-04")]
    [Fact]
    public void Exclusive_EveryCombination_IsRefusedWhereTheKernelDoes()
    {
        EpollMask[] bits =
        [
            In, EpollMask.Priority, EpollMask.Writable, EpollMask.Error, EpollMask.HangUp, EpollMask.ReadNormal,
            EpollMask.WriteBand, EpollMask.PeerHangUp, EpollMask.OneShot, EpollMask.Edge,
        ];
        int refused = 0;
        foreach (int source in (int[])[0, Pipe, First + 1])
        {
            for (int combination = 0; combination < 1 << bits.Length; combination++)
            {
                EpollMask mask = bits.Where((_, i) => (combination >> i & 1) != 0)
                    .Aggregate(EpollMask.Exclusive, static (all, bit) => all | bit);
                int expected = _worlds[0].Add(0, source, mask, 1);
                Assert.Equal(expected, _worlds[1].Add(0, source, mask, 1));
                refused += expected == 0 ? 0 : 1;
                if (expected != 0)
                    continue;
                Same(EpollStatus.Invalid, world => world.Modify(0, source, In, 1));
                Same(EpollStatus.Exists, world => world.Add(0, source, In, 1));
                Same(EpollStatus.Ok, world => world.Remove(0, source));
            }
        }

        Assert.InRange(refused, 1024, 3 * 1024 - 1);
    }

    // LTP epoll_ctl04: in whatever order they are put together, five are enough.
    [Fact]
    public void Nesting_SixDeep_IsRefusedFromEitherEnd()
    {
        for (int set = 0; set < 4; set++)
            Same(EpollStatus.Ok, world => world.Add(set, First + set + 1, In, 1));
        Same(EpollStatus.Loop, static world => world.Add(4, First + 5, In, 1));
        Same(EpollStatus.Loop, static world => world.Add(5, First, In, 1));
        Same(EpollStatus.Loop, static world => world.Add(4, First, In, 1));
        Same(EpollStatus.Loop, static world => world.Add(0, First + 1, In, 1) == (int)EpollStatus.Exists ? (int)EpollStatus.Loop : -1);
        Same(EpollStatus.Ok, static world => world.Remove(2, First + 3));
        Same(EpollStatus.Ok, static world => world.Add(5, First, In, 1));
    }

    // LTP epoll_wait03, and what has no descriptor that could be bad.
    [Fact]
    public void Set_Disposed_SaysSo()
    {
        var set = new EpollSet();
        var inner = new EpollSet();
        var source = new Notification();
        set.Add(source, In, 1);
        using var pipe = new Pipe();
        set.Add(pipe.Reader, In, 1);
        Assert.Throws<ArgumentException>(() => set.Wait([]));
        Assert.Throws<ArgumentException>(() => set.Poll([]));
        set.Dispose();
        set.Dispose();
        Assert.Equal(EpollStatus.Closed, set.Add(source, In, 1));
        Assert.Equal(EpollStatus.Closed, set.Modify(source, In, 1));
        Assert.Equal(EpollStatus.Closed, set.Remove(source));
        Assert.Equal(EpollStatus.Closed, set.Add(pipe.Reader, In, 1));
        Assert.Equal(EpollStatus.Closed, set.Remove(pipe.Reader));
        Assert.Equal(EpollStatus.Closed, set.Add(inner, In, 1));
        Assert.Equal(EpollStatus.Closed, inner.Add(set, In, 1));
        Assert.Throws<ObjectDisposedException>(() => set.Poll(new EpollReport[1]));
        Assert.Throws<ObjectDisposedException>(() => set.Wait(new EpollReport[1]));
        inner.Dispose();
        Assert.Equal(EpollStatus.Closed, inner.Add(pipe.Reader, In, 1));
    }

    [Fact]
    public void Describe_EveryStatus_SaysWhatAndWhatToDo()
    {
        string[] texts = [.. Enum.GetValues<EpollStatus>().Where(static status => status != EpollStatus.Ok).Select(static status => status.Describe())];
        Assert.All(texts, static text => Assert.Matches("^E[A-Z]+: .+[.] ?.*[.]$", text));
        Assert.Equal(texts.Length, texts.Distinct().Count());
        Assert.Contains("EIO", ((EpollStatus)5).Describe(), StringComparison.Ordinal);
    }

    private void Same(EpollStatus expected, Func<EpollWorld, int> call) =>
        Assert.Equal(((int)expected, (int)expected), (call(_worlds[0]), call(_worlds[1])));
}
