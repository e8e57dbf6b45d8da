// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>epoll COUNT</c>: adds so many sources to a set that is in another one, and every tenth to a set of its own, signals each
/// once and waits for it. Prints <c>reported N of COUNT, N descriptors</c>: how many epolls and eventfds the process holds.
/// </summary>
internal static class EpollVerb
{
    public static int Run(int count)
    {
        using EpollSet set = new(), outer = new();
        Require(outer.Add(set, EpollMask.Readable, 1));
        var sources = new Notification[count];
        var own = new List<EpollSet>();
        for (int i = 0; i < count; i++)
        {
            sources[i] = new Notification();
            Require(set.Add(sources[i], EpollMask.Readable | EpollMask.Edge, (ulong)i));
            if (i % 10 != 0)
                continue;
            own.Add(new EpollSet());
            Require(own[^1].Add(sources[i], EpollMask.Readable, (ulong)i));
        }

        var reports = new EpollReport[64];
        int reported = 0;
        for (int i = 0; i < count; i++)
        {
            // Far apart, so that a set that looks at its neighbours as well is found out by the time it takes.
            int source = (int)((i * 7919L) % count);
            sources[source].Signal();
            if (outer.Wait(reports) == 1 && set.Wait(reports) == 1 && reports[0].Data == (ulong)source)
                reported++;
            if (source % 10 == 0 && own[source / 10].Wait(reports) != 1)
                reported--;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reported {reported} of {count}, {Descriptors()} descriptors"));
        foreach (EpollSet one in own)
            one.Dispose();
        return 0;
    }

    private static int Descriptors() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(static descriptor => descriptor.LinkTarget?.Contains("anon_inode:[event", StringComparison.Ordinal) == true);

    private static void Require(EpollStatus status)
    {
        if (status != EpollStatus.Ok)
            throw new InvalidOperationException(status.Describe());
    }
}
