// SPDX-License-Identifier: MIT

using System.Reflection;
using System.Runtime.InteropServices;

namespace Gangway.Tests;

/// <summary>What no program can reach: the memory and the socket of a connection, for tests that lie with them.</summary>
internal static class Insides
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The segment that an endpoint writes and its peer reads.</summary>
    internal static SafeBuffer OwnMemory(Endpoint endpoint) =>
        (SafeBuffer)Field(Field(Link(endpoint), "_segments"), "_ownMapping");

    /// <summary>The segment that an endpoint reads.</summary>
    internal static SafeBuffer PeerMemory(Endpoint endpoint) =>
        (SafeBuffer)Field(Field(Link(endpoint), "_segments"), "_peerMapping");

    /// <summary>The requests of the connection that an endpoint has.</summary>
    internal static TransactionTable Transactions(Endpoint endpoint) => ((Gangway.Transports.Link)Link(endpoint)).Transactions;

    /// <summary>Sends a packet on an endpoint's socket.</summary>
    internal static void SendPacket(Endpoint endpoint, byte[] packet)
    {
        nint sent = send((SafeHandle)Field(Link(endpoint), "_socket"), packet, packet.Length, flags: 0);
        Assert.Equal(packet.Length, sent);
    }

    /// <summary>The same, when the socket may be full or gone.</summary>
    internal static void TrySendPacket(Endpoint endpoint, byte[] packet)
    {
        const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
        try
        {
            _ = send((SafeHandle)Field(Link(endpoint), "_socket"), packet, packet.Length, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Messages that were sent and are not completed.</summary>
    internal static long CreditsOut(Endpoint sender) => sender.Statistics.MessagesSent
        - (IsInProcess(sender) ? (long)Field(Link(sender), "_messagesCompleted") : (long)PeerMemory(sender).Read<ulong>(72));

    /// <summary>The source of a slot's awaited call.</summary>
    internal static Transports.AwaitedCall AwaitedIn(Endpoint caller, int slot) => IsInProcess(caller)
        ? ((Transports.InProcessCalls)Field(Link(caller), "_calls"))[slot].Waiter
        : ((Transports.AwaitedCall[])Field(Link(caller), "_awaited"))[slot];

    /// <summary>Whether its connection is inside this process.</summary>
    internal static bool IsInProcess(Endpoint endpoint) => Link(endpoint) is Transports.InProcessLink;

    internal static object Link(Endpoint endpoint) => Field(endpoint, "_link");

    internal static object Field(object owner, string name)
    {
        for (Type? type = owner.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField(name, Any) is { } field)
                return field.GetValue(owner) ?? throw new InvalidOperationException($"{name} is null.");
        }

        throw new InvalidOperationException($"{owner.GetType()} has no field {name}.");
    }

    internal static object? Invoke(object owner, string name, params object[] arguments) =>
        (owner.GetType().GetMethod(name, Any) ?? throw new InvalidOperationException($"{owner.GetType()} has no method {name}."))
            .Invoke(owner, arguments);

    // The runtime's own Socket type would change the socket's mode, and refuses one that does not block.
    [DllImport("libc")]
    private static extern nint send(SafeHandle socket, byte[] packet, nint bytes, int flags);
}
