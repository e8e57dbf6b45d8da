// SPDX-License-Identifier: MIT

namespace Gangway.Process.Tests.Samples;

/// <summary>All that a program needs to serve. Its statements are counted.</summary>
internal sealed class ShortestServer : EndpointHandler
{
    public static Listener Serve(string address)
    {
        return Domain.Listen(address, new ShortestServer());
    }

    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        transaction.Complete(transaction.Request);
    }
}
