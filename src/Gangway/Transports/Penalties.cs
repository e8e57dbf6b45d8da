// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>How long a process waits before its next handshake goes on, after what its last connections did.</summary>
/// <remarks><b>Threads:</b> safe; a lock, taken when connections come and go, never by a call or a message.</remarks>
internal sealed class Penalties(TimeSpan faultPenalty)
{
    // Design:
    //
    // A handshake and its end cost this machine far more than they cost the client: memory is made, mapped and checked. A
    // client that breaks the protocol, or leaves at once, and comes again would take a processor from the others. So such
    // an end has a price in time, and who owes more than the grace waits (the generic cell rate algorithm of ATM: one time
    // stamp a debtor). What is owed may be long, so that a store of connections that are broken at once is paid for; a
    // wait is short, and only so many of a debtor wait at a time (Acceptor).
    //
    // A user owes for the first fault of each of its processes, or it would fork one for each; and for no other, so that
    // one that is broken does not keep the rest from connecting.
    //
    // What is owed ends after DebtMost, so what is kept is bounded by the ends of that time. Source: sshd_config(5),
    // PerSourcePenalties.

    internal const long LongestWait = 1_000_000_000;

    private const long ShortLife = 1_000_000_000;
    private const long EndCost = 1_000_000;
    private const long Grace = 500_000_000;
    private const long DebtMost = 30_000_000_000;
    private const int UserShare = 8;
    private const int EndsPerSweep = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, long> _processes = [];
    private readonly Dictionary<uint, long> _users = [];
    private readonly long _faultCost = Grace + (faultPenalty.Ticks * TimeSpan.NanosecondsPerTick);
    private readonly bool _isOff = faultPenalty == TimeSpan.Zero;
    private int _ends;

    /// <summary>How many debtors it remembers.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
                return _processes.Count + _users.Count;
        }
    }

    /// <summary>A connection or a handshake has ended.</summary>
    /// <param name="identity">Whose.</param>
    /// <param name="brokeProtocol">Whether its peer was the reason.</param>
    /// <param name="livedNs">How long it lasted. What lasted a second, and ended well, is free.</param>
    /// <param name="now">Now.</param>
    internal void Ended(PeerIdentity identity, bool brokeProtocol, long livedNs, long now)
    {
        if (_isOff || (!brokeProtocol && livedNs >= ShortLife))
            return;
        lock (_lock)
        {
            bool owedNothing = _processes.GetValueOrDefault(identity.ProcessKey) <= now;
            Owe(_processes, identity.ProcessKey, brokeProtocol ? _faultCost : EndCost, now);
            if (brokeProtocol && owedNothing)
                Owe(_users, identity.UserId, _faultCost / UserShare, now);
            if (++_ends < EndsPerSweep)
                return;
            _ends = 0;
            Sweep(_processes, now);
            Sweep(_users, now);
        }
    }

    /// <summary>When a handshake of this process may go on: at once, or up to <see cref="LongestWait"/> from now.</summary>
    internal long HeldUntil(PeerIdentity identity, long now)
    {
        if (_isOff)
            return now;
        lock (_lock)
        {
            long paid = Math.Max(
                _processes.GetValueOrDefault(identity.ProcessKey), _users.GetValueOrDefault(identity.UserId));
            return Math.Clamp(paid - Grace, now, now + LongestWait);
        }
    }

    private static void Owe<TKey>(Dictionary<TKey, long> paidUntil, TKey who, long cost, long now)
        where TKey : notnull =>
        paidUntil[who] = Math.Min(Math.Max(paidUntil.GetValueOrDefault(who), now) + cost, now + DebtMost);

    private static void Sweep<TKey>(Dictionary<TKey, long> paidUntil, long now)
        where TKey : notnull
    {
        foreach ((TKey who, long until) in paidUntil)
        {
            if (until <= now)
                paidUntil.Remove(who);
        }
    }
}
