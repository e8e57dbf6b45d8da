// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>How the handshakes and connections of a listener ended, for its operator.</summary>
/// <remarks><b>Threads:</b> safe; counters that order nothing.</remarks>
internal sealed class HandshakeCounts(Address address)
{
    private readonly long[] _refused = new long[(int)RejectCode.Contract + 1];
    private long _accepted;
    private long _abandoned;
    private long _peerFaults;
    private long _held;
    private string? _lastRefusal;
    private string? _lastPeerFault;

    /// <summary>A handshake ended in a connection.</summary>
    internal void Accept() => Interlocked.Increment(ref _accepted);

    /// <summary>The client gave up, or died.</summary>
    internal void Abandon() => Interlocked.Increment(ref _abandoned);

    /// <summary>A client waits for what its process did before.</summary>
    internal void Hold(PeerIdentity who, long nanoseconds)
    {
        Interlocked.Increment(ref _held);
        if (GangwayEvents.Log.IsEnabled())
            GangwayEvents.Log.Held(address.Text, who.ToString(), (int)(nanoseconds / 1_000_000));
    }

    /// <summary>A client was refused.</summary>
    internal void Refuse(string who, RejectCode code, string reason)
    {
        Interlocked.Increment(ref _refused[(int)code]);
        Volatile.Write(ref _lastRefusal, $"{who}: {code}, {reason}");
        GangwayEvents.Log.Refused(address.Text, who, code.ToString(), reason);
    }

    /// <summary>A connection ended because its peer broke the protocol.</summary>
    internal void Fault(string who, string? detail)
    {
        Interlocked.Increment(ref _peerFaults);
        Volatile.Write(ref _lastPeerFault, $"{who}: {detail}");
    }

    /// <summary>What was counted so far.</summary>
    internal ListenerStatistics Statistics(int connected, int handshaking, ListenerCharges charged)
    {
        var refusals = new ListenerRefusals(
            Refused(RejectCode.NotPermitted),
            Refused(RejectCode.Overloaded),
            Refused(RejectCode.Malformed) + Refused(RejectCode.Memory),
            Refused(RejectCode.Version) + Refused(RejectCode.OtherMachine) + Refused(RejectCode.Limits)
                + Refused(RejectCode.Contract),
            Refused(RejectCode.TimedOut),
            Refused(RejectCode.Closing));
        long refused = refusals.NotPermitted + refusals.Overloaded + refusals.Broken + refusals.Incompatible
            + refusals.TimedOut + refusals.Closing;
        return new ListenerStatistics(
            Volatile.Read(ref _accepted),
            connected,
            handshaking,
            refused,
            Volatile.Read(ref _abandoned),
            Volatile.Read(ref _peerFaults),
            Volatile.Read(ref _lastRefusal),
            Volatile.Read(ref _lastPeerFault))
        {
            Charged = charged,
            Refusals = refusals,
            Held = Volatile.Read(ref _held),
        };
    }

    private long Refused(RejectCode code) => Volatile.Read(ref _refused[(int)code]);
}
