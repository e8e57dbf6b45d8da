// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>How long a process, or a user, waits for its next handshake, after what its last connections did.</summary>
/// <remarks><b>Threads:</b> safe; a lock, taken when connections come and go, never by a call or a message.</remarks>
internal sealed class Penalties(TimeSpan faultPenalty)
{
    // Design:
    //
    // A handshake and its end cost this machine far more than they cost the client: memory is made, mapped and checked. A
    // client that breaks the protocol, or leaves, and comes again at once would take a processor from the others. So each
    // end has a price in time, and who owes more than the grace waits (the generic cell rate algorithm of ATM: one time
    // stamp a debtor). A waiting handshake is a socket in the acceptor's list, within the user's quota of handshakes. A
    // user owes an eighth of what its processes owe, or it would fork a process for each fault.
    //
    // What is owed ends after Grace + LongestWait, so what is kept is bounded by the ends of that time. Source: sshd_config(5),
    // PerSourcePenalties.

    private const long EndCost = 1_000_000;
    private const long Grace = 500_000_000;
    private const long LongestWait = 1_000_000_000;
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
    /// <param name="now">Now.</param>
    internal void Ended(PeerIdentity identity, bool brokeProtocol, long now)
    {
        if (_isOff)
            return;
        long cost = brokeProtocol ? _faultCost : EndCost;
        lock (_lock)
        {
            Owe(_processes, identity.ProcessKey, cost, now);
            Owe(_users, identity.UserId, cost / UserShare, now);
            if (++_ends % EndsPerSweep != 0)
                return;
            Sweep(_processes, now);
            Sweep(_users, now);
        }
    }

    /// <summary>When a handshake of this process may go on; a time that has passed if it may at once.</summary>
    internal long HeldUntil(PeerIdentity identity)
    {
        lock (_lock)
        {
            return Math.Max(
                _processes.GetValueOrDefault(identity.ProcessKey), _users.GetValueOrDefault(identity.UserId)) - Grace;
        }
    }

    private static void Owe<TKey>(Dictionary<TKey, long> paidUntil, TKey who, long cost, long now)
        where TKey : notnull =>
        paidUntil[who] = Math.Min(
            Math.Max(paidUntil.GetValueOrDefault(who), now) + cost, now + Grace + LongestWait);

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
