// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>One event, as a port delivers it. A value; it stays as it is.</summary>
/// <remarks>Source: Zircon's <c>zx_port_packet_t</c>.</remarks>
public readonly struct Packet
{
    private readonly PacketPayload _payload;

    internal Packet(Binding binding, ulong key, PacketKind kind, int priority, uint signals, uint count, int status, in PacketPayload payload)
    {
        Binding = binding;
        Key = key;
        Kind = kind;
        Priority = priority;
        Signals = signals;
        Count = count;
        Status = status;
        _payload = payload;
    }

    /// <summary>
    /// What the receiver's side chose at bind, the source's badge; of a posted packet, what the poster chose. So keys of the
    /// two are the program's to keep apart; <see cref="Kind"/> cannot be pretended.
    /// </summary>
    public ulong Key { get; }

    /// <summary>What it tells of.</summary>
    public PacketKind Kind { get; }

    /// <summary>Its priority at the port: 0, the highest, to 15.</summary>
    public int Priority { get; }

    /// <summary>The signal bits that came, by <see cref="Kind"/>.</summary>
    public uint Signals { get; }

    /// <summary>How many signals came: a hint, at least 1. Correctness never depends on it.</summary>
    public uint Count { get; }

    /// <summary>By <see cref="Kind"/>: what a poster gave, a signal's number, an exit code; else 0.</summary>
    public int Status { get; }

    /// <summary>By <see cref="Kind"/>: what a poster gave; else zeros.</summary>
    public PacketPayload Payload => _payload;

    /// <summary>Which binding made it: for <see cref="Gangway.Binding.Acknowledge"/>. Not bound for a posted one.</summary>
    public Binding Binding { get; }

    /// <summary>Whether its binding was disposed or cancelled since: what it tells is of the past, and may be dropped.</summary>
    public bool IsStale => Binding.IsStale;
}
