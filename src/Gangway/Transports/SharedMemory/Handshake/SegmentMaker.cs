// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.SharedMemory;

namespace Gangway.Transports;

/// <summary>The listening side's half of the memory: makes both segments, and seals them in the order that holds.</summary>
internal sealed class SegmentMaker : IDisposable
{
    // Design:
    //
    // The server's segment is mapped writable and then sealed whole, before anybody else has its descriptor: the client
    // never sees it unsealed. The client's is sealed against resizing, sent, mapped writable by the client, and only then
    // sealed against further writable mappings: a read-only mapping that was made before that could be made writable
    // after it, so the order matters (measured; docs/PROTOCOL.md, 2.3). Until both are checked nothing here touches them,
    // so what a client does to its pages before can be no fault of ours.

    private const Seals BeforeSending = Seals.Shrink | Seals.Grow;
    private const Seals Final = BeforeSending | Seals.FutureWrite | Seals.Seal;

    private readonly FileDescriptor _ownMemory;
    private readonly FileDescriptor _peerMemory;
    private readonly Mapping _own;
    private readonly Mapping _peer;
    private readonly SegmentShape _shape;
    private bool _isTaken;

    private SegmentMaker(SegmentShape shape, FileDescriptor ownMemory, FileDescriptor peerMemory, Mapping own, Mapping peer)
    {
        _shape = shape;
        _ownMemory = ownMemory;
        _peerMemory = peerMemory;
        _own = own;
        _peer = peer;
    }

    /// <summary>The descriptor of the segment that the server writes.</summary>
    internal FileDescriptor OwnMemory => _ownMemory;

    /// <summary>The descriptor of the segment that the client writes.</summary>
    internal FileDescriptor PeerMemory => _peerMemory;

    /// <summary>Makes both, mapped and sealed as far as they can be before the client has them.</summary>
    internal static Errno TryMake(SegmentShape shape, out SegmentMaker? maker)
    {
        maker = null;
        Errno errno = TryMakeOne(shape, MappingAccess.ReadWrite, Final, out FileDescriptor? ownMemory, out Mapping? own);
        if (errno != Errno.None)
            return errno;
        errno = TryMakeOne(shape, MappingAccess.Read, BeforeSending, out FileDescriptor? peerMemory, out Mapping? peer);
        if (errno != Errno.None)
        {
            own!.Dispose();
            ownMemory!.Dispose();
            return errno;
        }

        maker = new SegmentMaker(shape, ownMemory!, peerMemory!, own!, peer!);
        return Errno.None;
    }

    /// <summary>The client has mapped both: adds the last seals, then checks seals and pages of both.</summary>
    /// <returns>Null if all is well, else what is wrong.</returns>
    internal string? SealAndCheck()
    {
        // A client that sealed first (F_SEAL_SEAL) makes this fail; the check below says so.
        _ = MemFd.AddSeals(_peerMemory, Seals.FutureWrite | Seals.Seal);
        return Check(_ownMemory, "the server's") ?? Check(_peerMemory, "the client's");
    }

    /// <summary>Gives the mappings away and closes the descriptors.</summary>
    internal SegmentPair Take()
    {
        _isTaken = true;
        Dispose();
        return new SegmentPair(_shape, _own, _peer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ownMemory.Dispose();
        _peerMemory.Dispose();
        if (_isTaken)
            return;
        _own.Dispose();
        _peer.Dispose();
    }

    private string? Check(FileDescriptor memory, string whose)
    {
        if (MemFd.Inspect(memory, out MemFdInfo info) != Errno.None)
            return $"{whose} segment cannot be examined";
        if ((info.Seals & Final) != Final)
            return $"{whose} segment has the seals {info.Seals}";
        return info.AllocatedBytes < (ulong)_shape.Bytes ? $"{whose} segment is not populated" : null;
    }

    private static Errno TryMakeOne(
        SegmentShape shape, MappingAccess access, Seals seals, out FileDescriptor? memory, out Mapping? mapping)
    {
        mapping = null;
        Errno errno = MemFd.Create("gangway", (ulong)shape.Bytes, out memory);
        if (errno != Errno.None)
            return errno;

        errno = Mapping.Map(memory!, (ulong)shape.Bytes, access, out mapping);
        if (errno == Errno.None)
            errno = MemFd.AddSeals(memory!, seals);
        if (errno == Errno.None)
            return Errno.None;

        mapping?.Dispose();
        memory!.Dispose();
        return errno;
    }
}
