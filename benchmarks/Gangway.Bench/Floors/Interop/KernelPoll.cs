// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Bench.Floors.Interop;

/// <summary>poll(2) over the same descriptors each time.</summary>
internal sealed unsafe partial class KernelPoll
{
    private const short POLLIN = 1;

    private readonly PollFd[] _fds;

    /// <summary>Of these.</summary>
    public KernelPoll(ReadOnlySpan<int> descriptors)
    {
        _fds = GC.AllocateArray<PollFd>(descriptors.Length, pinned: true);
        for (int i = 0; i < _fds.Length; i++)
        {
            _fds[i] = new PollFd { Descriptor = descriptors[i], Events = POLLIN };
        }
    }

    /// <summary>Waits for one of them, without a limit, and finds which: the first that is readable.</summary>
    public int Wait()
    {
        // SAFETY: the array is pinned meanwhile, and the kernel is told its length.
        fixed (PollFd* fds = _fds)
        {
            if (poll(fds, (nuint)_fds.Length, -1) <= 0)
            {
                throw new InvalidOperationException("poll failed.");
            }
        }

        return Array.FindIndex(_fds, static fd => fd.Reports != 0);
    }

    [LibraryImport("libc")]
    private static partial int poll(PollFd* fds, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Reports;
    }
}
