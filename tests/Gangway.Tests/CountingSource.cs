// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway.Tests;

/// <summary>A source of a reactor that does nothing, and says when it is polled and ended.</summary>
internal sealed class CountingSource : ReactorSource, IDisposable
{
    private readonly Pipe _pipe = new();
    private long _polls;

    internal CountingSource(int processId, bool staysHot = false)
    {
        Assert.Equal(Errno.None, PidFd.Open(processId, out PidFd? process));
        PeerProcess = process!;
        PeerProcessKey = (ulong)processId;
        MayPoll = staysHot;
    }

    internal Action<CountingSource, DisconnectReason>? Ended { get; init; }

    /// <summary>How often it was polled.</summary>
    internal long Polls => Volatile.Read(ref _polls);

    internal override SafeHandle Descriptor => _pipe.Reader;

    internal override PidFd PeerProcess { get; }

    internal override ulong PeerProcessKey { get; }

    internal override bool MayPoll { get; }

    internal override int PeerCpu => -1;

    internal override DisconnectReason EndReason => DisconnectReason.None;

    internal override int LinesPerPoll => 1;

    /// <summary>Its peer closes.</summary>
    internal void HangUp() => _pipe.Server.Dispose();

    internal override int Poll(int budget)
    {
        Volatile.Write(ref _polls, _polls + 1);
        return MayPoll ? 1 : 0;
    }

    internal override void OnLoopTaken(ulong entered)
    {
    }

    internal override bool TryPark() => !MayPoll;

    internal override bool Wake() => true;

    internal override void PublishCpu(int cpu)
    {
    }

    internal override bool Attend() => false;

    internal override bool IsReadyToEnd(DisconnectReason reason) => true;

    internal override void End(DisconnectReason reason)
    {
        Ended?.Invoke(this, reason);
        Dispose();
    }

    /// <summary>The reactor has the process, and does so when it ends the source.</summary>
    public void Dispose() => _pipe.Dispose();
}
