// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Harness;
using Gangway.Bench.Peers;

namespace Gangway.Bench.Questions;

/// <summary>How long does the port need for an event, beside what the run-time has for many sources?</summary>
internal static class EventPortPeers
{
    private const int Sources = 1_000;
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Prints the figures beside the run-time's means.</summary>
    public static void Answer(Effort effort)
    {
        // Threads that wake each other, as many as there are processors or more: many time slices of the scheduler.
        Effort patient = effort with { Round = effort.BusyRound };
        RegisteredWait(patient);
        SocketAsync(patient);
    }

    private static void RegisteredWait(Effort effort)
    {
        Progress.Say($"rounds, {Sources} notifications and {Sources} registered waits");
        using var port = new PortNotificationPass(Sources);
        using var waits = new RegisteredWaitPass(Sources);
        Series[] series = Series.Interleave(effort, port, waits);
        Figures.Ns("events.port.1000.ns", series[0].NsEach);
        Figures.Ns("events.registeredwait.1000.ns", series[1].NsEach);
        Figures.Ratio("events.registeredwait_over_port", series[1].NsEach / series[0].NsEach);
    }

    private static void SocketAsync(Effort effort)
    {
        Progress.Say($"rounds, {Sources} sockets");

        // Read once, when the first socket is awaited: no question before this one does that in this process.
        string? before = Environment.GetEnvironmentVariable(InlineCompletions);
        Environment.SetEnvironmentVariable(InlineCompletions, "1");
        using var port = new PortSocketPass(Sources);
        using var awaited = new SocketAsyncPass(Sources);
        Environment.SetEnvironmentVariable(InlineCompletions, before);
        Series[] series = Series.Interleave(effort, port, awaited);
        Figures.Ns("events.portsocket.1000.ns", series[0].NsEach);
        Figures.Ns("events.socketasync.1000.ns", series[1].NsEach);
        Figures.Ratio("events.socketasync_over_port", series[1].NsEach / series[0].NsEach);
    }
}
