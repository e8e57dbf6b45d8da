// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A source's place at a port. A value; all copies are of the same place, and `default` is of none.</summary>
/// <remarks>
/// After <see cref="Dispose"/> every call is refused or does nothing: a place is never used again for another source.
/// <b>Threads:</b> any. <b>Cost:</b> one or two atomic operations; for a descriptor a system call.
/// </remarks>
public readonly struct Binding : IDisposable, IEquatable<Binding>
{
    private readonly SourceNode? _node;

    internal Binding(SourceNode node) => _node = node;

    /// <summary>Whether it was disposed or cancelled, or its port closed; and for `default`, false.</summary>
    public bool IsStale => _node is { IsClosed: true };

    /// <summary>The key that its packets carry; 0 for `default`.</summary>
    public ulong Key => _node?.Key ?? 0;

    /// <summary>Keeps it from being delivered. What comes meanwhile is kept.</summary>
    /// <returns>False when there is no such binding any more.</returns>
    public bool Mask() => _node?.TryMask() ?? false;

    /// <summary>Lets it be delivered again, with what came meanwhile.</summary>
    /// <returns>False when there is no such binding any more.</returns>
    public bool Unmask() => _node?.TryArm() ?? false;

    /// <summary>In mode <see cref="TriggerMode.Acknowledge"/>: its last packet was dealt with.</summary>
    /// <returns>False when there is no such binding any more.</returns>
    public bool Acknowledge() => _node?.TryArm() ?? false;

    /// <summary>In mode <see cref="TriggerMode.OneShot"/>: one packet more, at once if it is signalled now.</summary>
    /// <returns>False when there is no such binding any more.</returns>
    public bool Rearm() => _node?.TryArm() ?? false;

    /// <summary>
    /// Gives it another priority and mode, and lets it be delivered unless the options say masked. What is queued already
    /// comes with its old priority, and in its new mode.
    /// </summary>
    /// <returns>False when there is no such binding any more.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public bool Modify(BindingOptions options)
    {
        options.Validate();
        return _node?.TryModify(options) ?? false;
    }

    /// <summary>
    /// Ends it. A wait that begins afterwards returns no packet of it; one in progress on another thread may
    /// (<see cref="Packet.IsStale"/>). What a notification holds stays there. A second time does nothing.
    /// </summary>
    public void Dispose() => _node?.Unbind();

    /// <inheritdoc/>
    public bool Equals(Binding other) => _node == other._node;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Binding other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _node?.GetHashCode() ?? 0;

    /// <summary>Whether both are of the same place.</summary>
    public static bool operator ==(Binding left, Binding right) => left.Equals(right);

    /// <summary>Whether they are not.</summary>
    public static bool operator !=(Binding left, Binding right) => !left.Equals(right);
}
