// SPDX-License-Identifier: MIT

using System.IO.MemoryMappedFiles;
using Gangway.Bench.Floors.Interop;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Bench.Floors;

/// <summary>A piece of shared memory that both sides of a floor map writable: no trust boundary here.</summary>
internal sealed unsafe class FloorMemory : IDisposable
{
    /// <summary>Enough for every floor: the ring of the stream floor is the largest.</summary>
    public const int SizeBytes = 1 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Maps what the harness made; <paramref name="path"/> is its descriptor under <c>/proc</c>.</summary>
    public FloorMemory(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, SizeBytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, SizeBytes);
        byte* start = null;

        // SAFETY: the view is held by this object and released only in Dispose, after its threads ended or
        // with the process.
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start;
    }

    /// <summary>The first byte; page-aligned.</summary>
    public byte* Start { get; }

    /// <summary>Makes the memory. The handle stays open until both children have mapped it.</summary>
    public static SafeFileHandle Create() => MemFd.Create("gangway-bench-floor", SizeBytes);

    /// <summary>The path by which a child opens what <see cref="Create"/> made in this process.</summary>
    public static string PathOf(SafeFileHandle memory) =>
        $"/proc/{Environment.ProcessId}/fd/{memory.DangerousGetHandle()}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
