// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Some sources and sets, in which programs run: once in the kernel, once in Gangway.</summary>
/// <remarks>Sources have numbers: signals first, then files, the sets themselves, a timer, and ports.</remarks>
internal abstract class EpollWorld(int firstFile) : IDisposable
{
    internal const int Signals = 3;
    internal const int FirstFile = Signals;
    internal const int FirstSet = FirstFile + EpollFiles.Slots;
    internal const int Sets = 6;
    internal const int FirstTimer = FirstSet + Sets;
    internal const int FirstPort = FirstTimer + 1;
    internal const int Ports = 2;

    /// <summary>How many packets fit into a port: each of its sources may be pending.</summary>
    internal const int PacketsPerPort = 3;

    private readonly bool[][] _queued = [.. Enumerable.Range(0, Ports).Select(static _ => new bool[PacketsPerPort])];
    private EpollFiles? _files;

    /// <summary>Pipes and sockets; made when they are first used.</summary>
    internal EpollFiles Files => _files ??= new EpollFiles(firstFile);

    /// <summary>Both worlds, for the cases that both must pass.</summary>
    public static TheoryData<string> Names => ["kernel", "gangway"];

    internal static EpollWorld Make(string name) => name == "kernel" ? new KernelWorld() : new GangwayWorld();

    /// <summary>EPOLL_CTL_ADD. Gives the error number.</summary>
    internal abstract int Add(int set, int source, EpollMask mask, ulong data);

    /// <summary>EPOLL_CTL_MOD. Gives the error number.</summary>
    internal abstract int Modify(int set, int source, EpollMask mask, ulong data);

    /// <summary>EPOLL_CTL_DEL. Gives the error number.</summary>
    internal abstract int Remove(int set, int source);

    /// <summary>epoll_wait.</summary>
    internal abstract int Wait(int set, Span<EpollReport> reports, TimeSpan time);

    internal abstract void Signal(int source);

    internal abstract void Take(int source);

    /// <summary>Sets the timer; it has come when this returns, unless it is set for later.</summary>
    internal abstract void SetTimer(bool isLater, bool isPeriodic);

    /// <summary>Takes how often the timer has come.</summary>
    internal abstract int TakeTimer();

    /// <summary>Gives a port one more packet, if there is room for one.</summary>
    internal void Post(int port)
    {
        int packet = Array.IndexOf(_queued[port], false);
        if (packet < 0)
            return;
        _queued[port][packet] = true;
        Post(port, packet);
    }

    /// <summary>Takes a port's next packet; -1 if there is none.</summary>
    internal int TakePacket(int port)
    {
        int packet = TakeNext(port);
        if (packet >= 0)
            _queued[port][packet] = false;
        return packet;
    }

    private protected abstract void Post(int port, int packet);

    private protected abstract int TakeNext(int port);

    /// <summary>Closes a set. The next use of its number makes a new one.</summary>
    internal abstract void CloseSet(int set);

    /// <summary>How many threads sleep on words of their own, because the set has no descriptors.</summary>
    internal virtual int Parked(int set) => 0;

    /// <summary>What is ready, with at most so many places: <c>data:events</c>.</summary>
    internal string Poll(int set, int places = 16)
    {
        Span<EpollReport> reports = stackalloc EpollReport[places];
        return Text(reports[..Wait(set, reports, TimeSpan.Zero)]);
    }

    internal static string Text(ReadOnlySpan<EpollReport> reports)
    {
        string text = "";
        foreach (EpollReport report in reports)
            text += string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(text.Length == 0 ? "" : " ")}{report.Data}:{(uint)report.Events:x}");
        return text;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => _files?.Dispose();
}
