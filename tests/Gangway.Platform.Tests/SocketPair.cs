// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Platform.Tests;

/// <summary>A listening socket, and both ends of one connection to it.</summary>
internal sealed class SocketPair : IDisposable
{
    private readonly TempNames _names = new();

    internal SocketPair()
    {
        Listener = Made.Listener(_names.PathOf("s"));
        Client = Made.Connection(_names.PathOf("s"));
        Server = Made.Accepted(Listener);
    }

    internal UnixSocket Listener { get; }

    internal UnixSocket Client { get; }

    internal UnixSocket Server { get; }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Listener.Dispose();
        _names.Dispose();
    }
}
