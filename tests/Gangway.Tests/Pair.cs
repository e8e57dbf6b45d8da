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

    /// <summary>The listening side's endpoint of the client, which may come a moment later than the client's own.</summary>
    internal Endpoint Server
    {
        get
        {
            Endpoint? server = null;
            Watchdog.Until(() => (server = Listener.Endpoints.SingleOrDefault()) is not null, "the accepted endpoint");
            return server!;
        }
    }

    internal static Pair Make(
        EndpointHandler server, EndpointHandler? client = null, EndpointOptions? options = null, ListenerOptions? listenerOptions = null,
        string? address = null)
    {
        address ??= TestDirectory.NextAddress();
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

    public void Dispose()
    {
        Watchdog.Run(() =>
        {
            Client.Dispose();
            Listener.Dispose();
        });
        Assert.Equal(0, AutomatonChecker.UnpairedAt(Listener.Address.Text));
    }
}
