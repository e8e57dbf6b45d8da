// SPDX-License-Identifier: MIT

namespace Gangway.Samples.EventLoop;

/// <summary>Gives each client that joins a lane, which leads to a notification of the loop's port.</summary>
/// <param name="port">The port.</param>
/// <param name="firstKey">The key of the first client: who it is, as the loop knows it. No client can choose or change it.</param>
internal sealed class LaneHandler(EventPort port, ulong firstKey) : EndpointHandler
{
    private ulong _joined;

    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        if (transaction.Operation != LaneClient.Join)
        {
            base.OnTransaction(endpoint, transaction);
            return;
        }

        var notification = new Notification();
        port.Bind(notification, firstKey + _joined++, new BindingOptions { Mode = TriggerMode.Edge });
        transaction.Complete(BitConverter.GetBytes(endpoint.Grant(notification, LaneClient.AllBits)));
    }
}
