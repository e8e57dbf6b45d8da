// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Events;
using Gangway.Bench.Floors;
using Gangway.Bench.Floors.Interop;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>What does a descriptor's event cost through the port, beside <c>epoll_wait</c> and <c>poll</c>?</summary>
internal static class EventPortDescriptors
{
    private const int Registered = 10_000;

    /// <summary>Prints the figures of descriptors.</summary>
    public static void Answer(Effort effort)
    {
        using var descriptors = new EventFds(Registered);
        BesideEpoll(effort, descriptors, 1);
        BesideEpoll(effort, descriptors, 64);
        BesidePoll(effort, descriptors);
    }

    private static void BesideEpoll(Effort effort, EventFds descriptors, int active)
    {
        Progress.Say($"rounds, {active} of {Registered} descriptors");
        using var epoll = new EpollFloor(descriptors, active);
        using var edge = new PortDescriptorWork(descriptors, active, TriggerMode.Edge);
        using var oneShot = new PortDescriptorWork(descriptors, active, TriggerMode.OneShot);
        Series[] series = Series.Interleave(effort, epoll, edge, oneShot);
        string suffix = active.ToString(CultureInfo.InvariantCulture);
        Figures.Ns($"events.epoll.{suffix}.ns", series[0].NsEach);
        Figures.Ns($"events.fd.{suffix}.ns", series[1].NsEach);
        Figures.Ns($"events.fd_oneshot.{suffix}.ns", series[2].NsEach);
        Figures.Ratio($"events.fd_over_epoll.{suffix}", series[1].NsEach / series[0].NsEach);
        Figures.Ratio($"events.fd_oneshot_over_epoll.{suffix}", series[2].NsEach / series[0].NsEach);
    }

    private static void BesidePoll(Effort effort, EventFds descriptors)
    {
        Progress.Say($"rounds, poll over {Registered} descriptors");
        using var poll = new PollFloor(descriptors);
        using var edge = new PortDescriptorWork(descriptors, 1, TriggerMode.Edge);
        Series[] series = Series.Interleave(effort, poll, edge);
        Figures.Ns("events.poll.10000.ns", series[0].NsEach);
        Figures.Ratio("events.poll_over_port.10000", series[0].NsEach / series[1].NsEach);
    }
}
