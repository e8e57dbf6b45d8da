// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Bench.Floors.Interop;

/// <summary>epoll(7), edge-triggered, with nothing around it.</summary>
internal sealed unsafe partial class KernelEpoll : IDisposable
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const uint EPOLLIN = 1;
    private const uint EPOLLET = 1u << 31;
    private const int Capacity = 64;

    // struct epoll_event is packed on x64, and only there.
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_eventBytes = s_dataOffset + sizeof(ulong);

    private readonly int _number;
    private readonly SafeFileHandle _handle;
    private readonly byte[] _memory = GC.AllocateArray<byte>(Capacity * 16, pinned: true);
    private readonly byte* _events;

    /// <summary>Makes an empty set.</summary>
    public KernelEpoll()
    {
        _number = epoll_create1(EPOLL_CLOEXEC);
        if (_number < 0)
        {
            throw new InvalidOperationException("epoll_create1 failed.");
        }

        _handle = new SafeFileHandle(_number, ownsHandle: true);

        // SAFETY: the array is pinned and lives as long as this object.
        _events = (byte*)Unsafe.AsPointer(ref _memory[0]);
    }

    /// <summary>Registers a descriptor, to be reported with <paramref name="data"/> each time it becomes readable.</summary>
    public void Add(int descriptor, ulong data)
    {
        byte* wish = stackalloc byte[16];

        // SAFETY: both fields lie inside the 16 bytes on either CPU.
        Unsafe.WriteUnaligned(wish, EPOLLIN | EPOLLET);
        Unsafe.WriteUnaligned(wish + s_dataOffset, data);
        if (epoll_ctl(_number, EPOLL_CTL_ADD, descriptor, wish) != 0)
        {
            throw new InvalidOperationException("epoll_ctl failed.");
        }
    }

    /// <summary>Waits for reports, without a limit; at most 64.</summary>
    public int Wait() => epoll_wait(_number, _events, Capacity, -1);

    /// <summary>The data of one of the reports of the last wait.</summary>
    // SAFETY: below Capacity, so inside the array.
    public ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(_events + ((index & (Capacity - 1)) * s_eventBytes) + s_dataOffset);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epfd, int op, int fd, byte* @event);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epfd, byte* events, int maxevents, int timeout);
}
