// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A one-way message, as a handler sees it. It costs its sender a credit until it is completed.</summary>
/// <remarks>
/// <b>Owns:</b> the payload can be read until the message is complete: when its handler has completed, or, after
/// <see cref="Keep"/>, when <see cref="Complete"/> was called. <b>Trust:</b> the payload is a private copy, so it does not
/// change; its content is whatever the peer sent. <b>Threads:</b> any. Source: the message of the Xen IDC sketch.
/// </remarks>
public readonly struct Message
{
    private readonly Delivery _delivery;
    private readonly uint _stamp;

    internal Message(Delivery delivery)
    {
        _delivery = delivery;
        _stamp = delivery.Stamp;
        Operation = delivery.Frame.Operation;
    }

    /// <summary>The operation that the sender named.</summary>
    public uint Operation { get; }

    /// <summary>What was sent.</summary>
    /// <exception cref="InvalidOperationException">The message is complete.</exception>
    public ReadOnlySpan<byte> Payload => _delivery.PayloadOf(_stamp);

    /// <summary>Keeps the message, and the sender's credit, beyond the end of its handler, until <see cref="Complete"/>.</summary>
    /// <remarks>For the handler, before it completes.</remarks>
    public void Keep() => _delivery.KeepMessage(_stamp);

    /// <summary>Gives the credit back now. Once is enough; more does nothing.</summary>
    /// <returns>False when it was complete already.</returns>
    public bool Complete() => _delivery.TryCompleteMessage(_stamp);
}
