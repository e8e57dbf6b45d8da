// SPDX-License-Identifier: MIT

using Gangway.Bench.Events;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Questions;

/// <summary>Does a signal, or a bind, cost more when a million sources are bound? The same 64 are used.</summary>
internal static class EventPortGrowth
{
    private const int Many = 1_000_000;
    private const int SomeBound = 1_000;
    private const int FewSignals = 1_000;

    /// <summary>Prints the figures of growth, and of a signal alone.</summary>
    public static void Answer(Effort effort)
    {
        QueuedSignal(effort);
        Dispatch(effort);
        Bind(effort);
    }

    private static void QueuedSignal(Effort effort)
    {
        Progress.Say("rounds, signal of a queued notification");
        using var signal = new QueuedSignalWork();
        Series series = Series.Interleave(effort, signal)[0];
        int signals = 10 * effort.CountedCalls;
        signal.Allocated(signals);
        long few = signal.Allocated(FewSignals);
        double bytes = (double)(signal.Allocated(signals) - few) / (signals - FewSignals);
        signal.Check();
        Figures.Ns("events.queued_signal.ns", series.NsEach);
        Figures.Value("events.queued_signal.bytes", bytes, "F4", "bytes/signal");
    }

    private static void Dispatch(Effort effort)
    {
        Progress.Say("binding a million notifications");
        using var few = new DispatchWork(BoundNotifications.Active);
        using var many = new DispatchWork(Many);
        Collect();
        Progress.Say("rounds, signal, wait and dispatch");
        Series[] series = Series.Interleave(effort, few, many);
        Figures.Ns("events.dispatch.64.ns", series[0].NsEach);
        Figures.Ns("events.dispatch.1000000.ns", series[1].NsEach);
        Figures.Ratio("events.dispatch.growth", series[1].NsEach / series[0].NsEach);
    }

    private static void Bind(Effort effort)
    {
        Progress.Say("binding a million notifications");
        using var some = new BindWork(SomeBound);
        using var many = new BindWork(Many);
        Collect();
        Progress.Say("rounds, bind and unbind");
        Series[] series = Series.Interleave(effort, some, many);
        Figures.Ns("events.bind.1000.ns", series[0].NsEach);
        Figures.Ns("events.bind.1000000.ns", series[1].NsEach);
        Figures.Ratio("events.bind.growth", series[1].NsEach / series[0].NsEach);
    }

    /// <summary>What is bound goes where it stays, so that no round moves it.</summary>
    private static void Collect()
    {
        GC.Collect();
        GC.Collect();
    }
}
