// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>The pairs of endpoints that a listener remembers: those of which one has a connection, is ending it, or is making one.</summary>
/// <remarks><b>Threads:</b> one at a time.</remarks>
internal sealed class PairTable
{
    // A pair is of the process that the kernel names: whoever else says its id gets a pair of his own.

    private readonly Dictionary<Guid, KnownPair> _pairs = [];

    /// <summary>How many it remembers.</summary>
    internal int Count => _pairs.Count;

    /// <summary>The pair that a client says it is of, if it is its own.</summary>
    internal KnownPair? Find(ConnectionId asked, ulong processKey) =>
        _pairs.TryGetValue(asked.Pair, out KnownPair? known) && known.ProcessKey == processKey ? known : null;

    /// <summary>Makes a pair for a client that has none, or one that is not remembered.</summary>
    internal KnownPair Add(ulong processKey)
    {
        var pair = new KnownPair(ConnectionId.NewPair(), processKey);
        _pairs.Add(pair.Id, pair);
        return pair;
    }

    /// <summary>Forgets a pair that nothing is left of.</summary>
    internal void ForgetIfUnused(KnownPair pair)
    {
        if (pair.Endpoint is null && pair.Handshake is null)
            _pairs.Remove(pair.Id);
    }
}
