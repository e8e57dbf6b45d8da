// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Gangway.Tests;

/// <summary>Collects what the event source <c>Gangway</c> tells an operator.</summary>
internal sealed class EventLog : EventListener
{
    private ConcurrentQueue<EventWrittenEventArgs>? _events;

    private ConcurrentQueue<EventWrittenEventArgs> Events =>
        LazyInitializer.EnsureInitialized(ref _events, static () => new ConcurrentQueue<EventWrittenEventArgs>());

    /// <summary>Waits for an event of a name with a text in one of its fields.</summary>
    internal EventWrittenEventArgs MustContain(string name, string text)
    {
        EventWrittenEventArgs? found = null;
        Watchdog.Until(
            () => (found = Events.FirstOrDefault(e => e.EventName == name && Text(e).Contains(text, StringComparison.Ordinal))) is not null,
            $"the event {name} with '{text}'");
        return found!;
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Gangway")
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) => Events.Enqueue(eventData);

    private static string Text(EventWrittenEventArgs e) => string.Join('|', e.Payload ?? new([]));
}
