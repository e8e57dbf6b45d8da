// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Some sources and sets, in which programs run: once in the kernel, once in Gangway.</summary>
/// <remarks>Sources have numbers: signals first, then files, then the sets themselves.</remarks>
internal abstract class EpollWorld(int firstFile) : IDisposable
{
    internal const int Signals = 3;
    internal const int FirstFile = Signals;
    internal const int FirstSet = FirstFile + EpollFiles.Slots;
    internal const int Sets = 6;

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
