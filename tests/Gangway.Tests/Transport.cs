// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>
/// A transport, for the contract suite: an abstract class of tests holds what every transport must do, and has a class inside
/// of it for each.
/// </summary>
public sealed class Transport
{
    private readonly Func<string> _nextAddress;

    private Transport(Func<string> nextAddress) => _nextAddress = nextAddress;

    /// <summary><c>shm:</c></summary>
    public static Transport SharedMemory { get; } = new(TestDirectory.NextAddress);

    /// <summary><c>inproc:</c></summary>
    public static Transport InProcess { get; } = new(static () => "inproc:" + Guid.NewGuid().ToString("N"));

    internal string NextAddress() => _nextAddress();

    internal Pair Pair(
        EndpointHandler server, EndpointHandler? client = null, EndpointOptions? options = null, ListenerOptions? listenerOptions = null) =>
        Tests.Pair.Make(server, client, options, listenerOptions, NextAddress());
}
