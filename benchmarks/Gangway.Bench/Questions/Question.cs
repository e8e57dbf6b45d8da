// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>A benchmark by name.</summary>
/// <param name="Name">What follows <c>./bench</c>.</param>
/// <param name="Text">What it asks.</param>
/// <param name="Answer">Measures and prints.</param>
internal sealed record Question(string Name, string Text, Action<Effort> Answer)
{
    /// <summary>All of them, in the order of <c>./bench all</c>.</summary>
    public static IReadOnlyList<Question> All { get; } =
    [
        new("rtt", "round trip of a 64-byte blocking call: unpinned, same core, beside a hog, paced", RoundTrip.Answer),
        new("alloc", "bytes that a call allocates in both processes", Allocation.Answer),
        new("stream", "one-way 64-byte messages in a second, and rings", Streaming.Answer),
        new("fanin", "10,000 connections: latency, requests in a second, memory, hostile clients", FanIn.Answer),
        new("idle", "processor time of an idle server with 10,000 connections", Idleness.Answer),
        new("calls", "a call inside a process, beside a delegate", Calls.Answer),
        new("dispatch", "inline, strand and concurrent handlers; what a slow handler does to other clients", Dispatching.Answer),
        new("events", "event port: growth with what is bound, epoll, poll, registered waits, sockets, a storm", EventPorts.Answer),
    ];
}
