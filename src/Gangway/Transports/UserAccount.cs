// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What one user has of a listener now, and may have.</summary>
/// <remarks>
/// <b>Threads:</b> transactions from any, without a lock; everything else under the lock of the <see cref="AccountBook"/>.
/// </remarks>
internal sealed class UserAccount(uint userId, UserQuota quota)
{
    // INVARIANT: no field is ever negative or over its quota, but for transactions (BeginTransaction) and descriptors: watching the process of a connection that
    // ended takes the place of its socket and may come a moment before that is counted.

    private int _transactions;

    /// <summary>Who.</summary>
    internal uint UserId { get; } = userId;

    /// <summary>How much at most.</summary>
    internal UserQuota Quota { get; } = quota;

    /// <summary>Connections, handshakes included.</summary>
    internal int Connections { get; set; }

    /// <summary>Handshakes under way.</summary>
    internal int Handshakes { get; set; }

    /// <summary>Bytes of shared memory, of living connections and of ended ones that may still be mapped.</summary>
    internal long Bytes { get; set; }

    /// <summary>Mappings of this process.</summary>
    internal int Mappings { get; set; }

    /// <summary>Descriptors of this process.</summary>
    internal int Descriptors { get; set; }

    /// <summary>Requests that were taken and are not answered yet.</summary>
    internal int Transactions => Volatile.Read(ref _transactions);

    /// <summary>Whether nothing is charged: it may be forgotten.</summary>
    internal bool IsIdle => (Connections, Bytes, Mappings, Descriptors, Transactions) == (0, 0, 0, 0, 0);

    /// <summary>Whether the user has as many transactions as it may have.</summary>
    internal bool HasAllTransactions => Transactions >= Quota.Transactions;

    /// <summary>Charges a transaction that is passed on to a strand or the thread pool.</summary>
    /// <returns>False when the user has as many as it may have: answer <see cref="Status.QuotaExceeded"/>.</returns>
    internal bool TryBeginTransaction()
    {
        int pending = Transactions;
        while (pending < Quota.Transactions)
        {
            int found = Interlocked.CompareExchange(ref _transactions, pending + 1, pending);
            if (found == pending)
                return true;
            pending = found;
        }

        return false;
    }

    /// <summary>
    /// Charges a transaction whose handler runs already and goes on later. There was room when it started, so the quota is
    /// passed by at most one for each loop of the listener.
    /// </summary>
    internal void BeginTransaction() => Interlocked.Increment(ref _transactions);

    /// <summary>Gives back what one of them took: the transaction is answered, and its handler has completed.</summary>
    internal void EndTransaction() => Interlocked.Decrement(ref _transactions);

    /// <summary>Which limit one connection more would pass, for a person; null if none.</summary>
    internal string? WhyNoMore()
    {
        if (Handshakes >= Quota.Handshakes)
            return Full(Handshakes, Quota.Handshakes, "handshakes under way", nameof(ListenerOptions.MaxHandshakesPerUser));
        if (Connections >= Quota.Connections)
            return Full(Connections, Quota.Connections, "connections", nameof(ListenerOptions.MaxConnectionsPerUser));
        if (WhyNotSoMany(ConnectionCost.Bytes) is { } reason)
            return reason;

        if (Mappings + ConnectionCost.Mappings > Quota.Mappings)
            return Full(Mappings, Quota.Mappings, "mappings", nameof(ListenerOptions.MaxMappingsPerUser));
        if (Descriptors + ConnectionCost.HandshakeDescriptors > Quota.Descriptors)
            return Full(Descriptors, Quota.Descriptors, "descriptors", nameof(ListenerOptions.MaxDescriptorsPerUser));
        return null;
    }

    /// <summary>Which limit so many bytes more would pass, for a person; null if none.</summary>
    internal string? WhyNotSoMany(long bytes) => Bytes + bytes <= Quota.Bytes ? null : Full(
        Bytes, Quota.Bytes, "bytes of shared memory, counting what it has not unmapped since connections ended",
        nameof(ListenerOptions.MaxBytesPerUser));

    private string Full(long used, long most, string what, string option) =>
        $"user {UserId} has {used} of {most} {what} (ListenerOptions.{option})";
}
