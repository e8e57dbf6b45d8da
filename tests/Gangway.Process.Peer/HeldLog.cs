// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Gangway.Process.Peer;

/// <summary>Whom the listener held back, as an operator sees it: the event source <c>Gangway</c>.</summary>
internal sealed class HeldLog : EventListener
{
    private ConcurrentDictionary<string, int>? _held;

    /// <summary>All of them in one line: <c>held user 1, process 2: 3; ...</c>.</summary>
    internal string Line => "held " + string.Join("; ", Held.Select(static who => $"{who.Key}: {who.Value}"));

    // The base class's constructor tells of sources before this one's fields are there.
    private ConcurrentDictionary<string, int> Held =>
        LazyInitializer.EnsureInitialized(ref _held, static () => new ConcurrentDictionary<string, int>());

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Gangway")
            EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "Held")
            Held.AddOrUpdate((string)eventData.Payload![1]!, 1, static (_, count) => count + 1);
    }
}
