// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>One step of a random program: see <see cref="Run"/> for what its numbers mean.</summary>
internal readonly record struct EpollStep(EpollAct Act, int Set, int Source, int Count, EpollMask Mask)
{
    /// <summary>Does it. Gives the error number of a change, the reports of a wait, or what was taken.</summary>
    internal int Run(EpollWorld world, ulong data, Span<EpollReport> reports)
    {
        int slot = Source - EpollWorld.FirstFile;
        switch (Act)
        {
            case EpollAct.Add:
                return world.Add(Set, Source, Mask, data);
            case EpollAct.Modify:
                return world.Modify(Set, Source, Mask, data);
            case EpollAct.Remove:
                return world.Remove(Set, Source);
            case EpollAct.Wait:
                return world.Wait(Set, reports[..Count], TimeSpan.Zero);
            case EpollAct.CloseSet:
                world.CloseSet(Set);
                return 0;
            case EpollAct.Signal when Source == EpollWorld.FirstTimer:
                world.SetTimer(isLater: Count == 4, isPeriodic: Count == 2);
                return 0;
            case EpollAct.Take when Source == EpollWorld.FirstTimer:
                return world.TakeTimer();
            case EpollAct.Signal when Source >= EpollWorld.FirstPort:
                world.Post(Source - EpollWorld.FirstPort);
                return 0;
            case EpollAct.Take when Source >= EpollWorld.FirstPort:
                return world.TakePacket(Source - EpollWorld.FirstPort);
            case EpollAct.Signal when slot < 0:
                world.Signal(Source);
                return 0;
            case EpollAct.Take when slot < 0:
                world.Take(Source);
                return 0;
            case EpollAct.Signal:
                world.Files.Write(slot, Count);
                return 0;
            case EpollAct.Take:
                world.Files.Read(slot, Count);
                return 0;
            case EpollAct.Copy:
                world.Files.Copy(slot, Count);
                return 0;
            case EpollAct.CloseFile:
                world.Files.Close(slot);
                return 0;
            case EpollAct.ClosePeer:
                world.Files.ClosePeer(Math.Min(slot, 2));
                return 0;
            default:
                world.Files.ShutDown();
                return 0;
        }
    }

    public override string ToString() => Act switch
    {
        EpollAct.Add or EpollAct.Modify => $"{Act} source {Source} to set {Set} with {Mask}",
        EpollAct.Remove => $"{Act} source {Source} from set {Set}",
        EpollAct.Wait => $"{Act} for set {Set}, {Count} places",
        EpollAct.CloseSet => $"{Act} {Set}",
        _ => $"{Act} source {Source}, {Count}",
    };
}

/// <summary>What a step does.</summary>
internal enum EpollAct
{
    Wait,
    Add,
    Modify,
    Remove,
    Signal,
    Take,
    CloseSet,
    Copy,
    CloseFile,
    ClosePeer,
    ShutDown,
}
