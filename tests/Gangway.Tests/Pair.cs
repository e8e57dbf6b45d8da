// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>A listener and one client of it, in this process.</summary>
internal sealed class Pair : IDisposable
{
    private Pair(Listener listener, Endpoint client)
    {
        Listener = listener;
        Client = client;
    }

    internal Listener Listener { get; }

    internal Endpoint Client { get; }

    /// <summary>The listening side's endpoint of the client.</summary>
    internal Endpoint Server => Assert.Single(Listener.Endpoints);

    internal static Pair Make(
        EndpointHandler server, EndpointHandler? client = null, EndpointOptions? options = null, ListenerOptions? listenerOptions = null)
    {
        string address = TestDirectory.NextAddress();
        Listener listener = Domain.Listen(address, server, listenerOptions);
        try
        {
            return new Pair(listener, Domain.Connect(address, client, options));
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public void Dispose() => Watchdog.Run(() =>
    {
        Client.Dispose();
        Listener.Dispose();
    });
}
