// SPDX-License-Identifier: MIT

using System.Diagnostics.Tracing;

namespace Gangway;

/// <summary>What an operator can see: event source <c>Gangway</c>, for dotnet-trace, PerfView or an <see cref="EventListener"/>.</summary>
[EventSource(Name = "Gangway")]
internal sealed class GangwayEvents : EventSource
{
    internal static readonly GangwayEvents Log = new();

    /// <summary>A connection is up.</summary>
    [Event(1, Level = EventLevel.Informational, Message = "{0}: connected to {1}")]
    public void Connected(string address, string peer) => WriteEvent(1, address, peer);

    /// <summary>A connection has ended.</summary>
    [Event(2, Level = EventLevel.Informational, Message = "{0}: disconnected, {1} {2}")]
    public void Disconnected(string address, string reason, string detail) => WriteEvent(2, address, reason, detail);

    /// <summary>A listener refused a client.</summary>
    [Event(3, Level = EventLevel.Warning, Message = "{0}: refused {1}: {2}, {3}")]
    public void Refused(string address, string peer, string code, string reason) =>
        WriteEvent(3, address, peer, code, reason);

    /// <summary>A peer broke the protocol; its connection ends.</summary>
    [Event(4, Level = EventLevel.Warning, Message = "{0}: {1} broke the protocol: {2}")]
    public void PeerFault(string address, string peer, string detail) => WriteEvent(4, address, peer, detail);

    /// <summary>A handler threw. Whatever its exception does when it is asked for its text, it does no harm here.</summary>
    [NonEvent]
    internal void HandlerFailed(string address, uint operation, Exception exception)
    {
        if (!IsEnabled())
            return;
        string text;
        try
        {
            text = exception.ToString();
        }
        catch (Exception)
        {
            text = exception.GetType().FullName ?? "an exception";
        }

        HandlerFailed(address, operation, text);
    }

    /// <summary>A handler threw.</summary>
    [Event(5, Level = EventLevel.Error, Message = "{0}: the handler of operation {1} failed: {2}")]
    public void HandlerFailed(string address, uint operation, string exception) =>
        WriteEvent(5, address, operation, exception);

    /// <summary>A client waits, because of what its process or user did before.</summary>
    [Event(6, Level = EventLevel.Warning, Message = "{0}: {1} is held for {2} ms")]
    public void Held(string address, string peer, int milliseconds) => WriteEvent(6, address, peer, milliseconds);
}
