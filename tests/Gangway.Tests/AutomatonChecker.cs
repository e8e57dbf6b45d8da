// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Tests;

/// <summary>
/// Sees each step of each endpoint of this process, in tests of whatever, and ends the run at one that the automaton does not have, or
/// that the other end of the same connection does not match.
/// </summary>
internal static class AutomatonChecker
{
    // INVARIANT: a connection is seen at one end, at both, and is over at both before either of the two endpoints has another one.
    // Ends of other processes, and of sockets that a test speaks to by hand, are not seen: then there is nothing to compare.

    private static readonly Lock s_lock = new();
    private static readonly ConditionalWeakTable<Endpoint, Life> s_lives = [];
    private static readonly Dictionary<Guid, SortedDictionary<ulong, Ends>> s_pairs = [];
    private static readonly HashSet<string> s_served = [];

    /// <summary>Connections under an address of which one end only was seen, though both endpoints are over.</summary>
    internal static int UnpairedAt(string address)
    {
        lock (s_lock)
        {
            return s_pairs.Values.Sum(pair => pair.Values.Count(
                ends => ends.Address == address && ends.IsAccepted != ends.IsConnecting && s_served.Contains(address)));
        }
    }

    /// <summary>For its own tests: whether one state may follow another.</summary>
    internal static bool MayFollow(EndpointState from, EndpointState to) => (from, to) is
        (EndpointState.Created or EndpointState.Disappeared, EndpointState.Appeared or EndpointState.Destroyed)
        or (EndpointState.Appeared, EndpointState.Connecting or EndpointState.Disappeared)
        or (EndpointState.Connecting, EndpointState.Connected or EndpointState.Appeared)
        or (EndpointState.Connected, EndpointState.Disconnecting)
        or (EndpointState.Disconnecting, EndpointState.Appeared or EndpointState.Disappeared);

    [ModuleInitializer]
    internal static void Begin() => Endpoint.Witness = static (endpoint, change) =>
    {
        lock (s_lock)
        {
            if (See(endpoint, change) is { } wrong)
                Environment.FailFast($"An endpoint of {endpoint.Address} broke the automaton: {wrong}");
        }
    };

    private static string? See(Endpoint endpoint, EndpointChange change)
    {
        Life life = s_lives.GetOrCreateValue(endpoint);
        EndpointState last = life.Last;
        life.Last = change.State;
        if (!MayFollow(last, change.State))
            return $"{change.State} after {last}";
        if (change.State == EndpointState.Connected)
            return Connect(endpoint, life, change.PairId, change.Epoch);
        if (last != EndpointState.Disconnecting)
            return null;

        End(life.Id);
        return null;
    }

    private static string? Connect(Endpoint endpoint, Life life, Guid pairId, ulong epoch)
    {
        var id = new ConnectionId(pairId, epoch);
        if (endpoint.IsAccepted)
            s_served.Add(endpoint.Address.Text);
        if (epoch == 0 || epoch <= life.Id.Epoch)
            return $"epoch {epoch} after {life.Id.Epoch}";
        if (s_pairs.TryGetValue(life.Id.Pair, out var lastPair) && lastPair.TryGetValue(life.Id.Epoch, out Ends? last) && last.IsAccepted)
            return $"{id} while {life.Id} is not over at the other end";

        life.Id = id;
        if (!s_pairs.TryGetValue(id.Pair, out SortedDictionary<ulong, Ends>? pair))
            s_pairs.Add(id.Pair, pair = []);
        if (!pair.TryGetValue(epoch, out Ends? ends))
            pair.Add(epoch, ends = new Ends { Address = endpoint.Address.Text });
        if (endpoint.IsAccepted ? ends.IsAccepted : ends.IsConnecting)
            return $"{id} twice";
        ends.IsAccepted |= endpoint.IsAccepted;
        ends.IsConnecting |= !endpoint.IsAccepted;
        (ulong first, Ends oldest) = pair.First();
        return first < epoch && oldest is { IsAccepted: true, IsConnecting: true } ? $"{id} while epoch {first} is not over" : null;
    }

    private static void End(ConnectionId id)
    {
        SortedDictionary<ulong, Ends> pair = s_pairs[id.Pair];
        Ends ends = pair[id.Epoch];
        ends.Over++;

        // One whose listener is not of this process has one end here.
        if (ends.Over == 2 || !s_served.Contains(ends.Address))
            pair.Remove(id.Epoch);
        if (pair.Count == 0)
            s_pairs.Remove(id.Pair);
    }

    private sealed class Life
    {
        internal EndpointState Last;
        internal ConnectionId Id;
    }

    private sealed class Ends
    {
        internal required string Address;
        internal bool IsConnecting;
        internal bool IsAccepted;
        internal int Over;
    }
}
