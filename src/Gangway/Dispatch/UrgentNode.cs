// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A notification's place at a strand.</summary>
internal sealed class UrgentNode : SourceNode
{
    private static readonly BindingOptions s_options = new() { Mode = TriggerMode.Edge };

    private readonly Strand _strand;
    private readonly Notification _notification;
    private readonly Work _work;

    internal UrgentNode(Strand strand, Notification notification, Action<Signals> callback)
        : base(null!, key: 0, PacketKind.Notification, s_options)
    {
        _strand = strand;
        _notification = notification;
        _work = new Work(this, callback);
    }

    /// <inheritdoc/>
    internal override bool TakesWhatIsHeld => true;

    /// <summary>It is told of each signal, whatever else is wished: masked or not is all that changes.</summary>
    internal override bool TryModify(BindingOptions options) => base.TryModify(options with { Mode = TriggerMode.Edge });

    /// <inheritdoc/>
    internal override void Unbind()
    {
        if (TryClose(out Signals left, out _))
            _notification.OnUnbound(this, left);
    }

    /// <inheritdoc/>
    private protected override void Link() => _strand.QueueUrgent(_work);

    private sealed class Work(UrgentNode node, Action<Signals> callback) : StrandWork
    {
        internal override void Run(Strand strand, bool isCancelled)
        {
            // Takes what is pending and the mark that it is queued in one step: what comes behind it is queued again.
            if (node.Deliver(out Packet packet) != Delivered.Once)
                return;
            node._notification.OnTaken();
            if (!isCancelled)
                callback(new Signals(packet.Signals, packet.Count));
        }
    }
}
