// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway.Process.Peer;
using Gangway.Testing;

namespace Gangway.Process.Tests.Kills;

/// <summary>A thread of ours that calls and sends until something does not succeed, and remembers what that was.</summary>
internal sealed class Lane
{
    private readonly JournalLane _lane;
    private readonly Endpoint _endpoint;
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Begins.</summary>
    public Lane(JournalLane lane, Endpoint endpoint)
    {
        _lane = lane;
        _endpoint = endpoint;
        _thread = new Thread(Run) { IsBackground = true, Name = $"lane {lane.Lane}" };
        _thread.Start();
    }

    /// <summary>Calls answered so far.</summary>
    public long Answered => _lane.Answered;

    /// <summary>How the call or message ended that did not succeed; <see cref="Status.Ok"/> if it was stopped before.</summary>
    public Status Final { get; private set; }

    /// <summary>Whether that was a call.</summary>
    public bool IsFinalCall { get; private set; }

    /// <summary>When it ended (<see cref="Stopwatch"/>).</summary>
    public long EndedAt { get; private set; }

    /// <summary>Has it stop by itself after what it is doing.</summary>
    public void Stop() => _stop = true;

    /// <summary>Waits for its end.</summary>
    public void Join() => Watchdog.Join(_thread);

    /// <summary>
    /// What is wrong with what the journal says of it, now that the server is gone or the lane at rest: null, if the statuses
    /// were honest.
    /// </summary>
    public string? Judge(Journal journal)
    {
        int lane = _lane.Lane;
        long executed = journal[lane, JournalWord.Executed];
        long delivered = journal[lane, JournalWord.Delivered];
        bool mayHaveRun = IsFinalCall && Final == Status.OutcomeUnknown;
        bool isKnown = Final is Status.Ok or Status.NotConnected || (IsFinalCall && Final is Status.NotSent or Status.OutcomeUnknown);
        string story = $"lane {lane}: {_lane.Answered} answered, {executed} executed, {_lane.Posted} posted, {delivered} delivered, "
            + $"then {(IsFinalCall ? "call" : "message")} {Final}";
        if (_lane.Complaint is not null || !isKnown)
        {
            return $"{story}; {_lane.Complaint}";
        }

        if (executed != _lane.Answered && !(mayHaveRun && executed == _lane.Answered + 1))
        {
            return $"{story}; the status is not honest";
        }

        return delivered <= _lane.Posted && IsClean(journal, lane) ? null : $"{story}; {Faults(journal, lane)}";
    }

    /// <summary>Whether nothing came twice, out of order or not whole.</summary>
    public static bool IsClean(Journal journal, int lane) =>
        journal[lane, JournalWord.CallGaps] + journal[lane, JournalWord.CallRepeats] + journal[lane, JournalWord.MessageGaps]
        + journal[lane, JournalWord.MessageRepeats] + journal[0, JournalWord.Torn] == 0;

    /// <summary>What came twice, out of order or not whole.</summary>
    public static string Faults(Journal journal, int lane) =>
        $"calls missing {journal[lane, JournalWord.CallGaps]}, repeated {journal[lane, JournalWord.CallRepeats]}; messages missing "
        + $"{journal[lane, JournalWord.MessageGaps]}, repeated {journal[lane, JournalWord.MessageRepeats]}; torn {journal[0, JournalWord.Torn]}";

    /// <summary>Calls once more on an endpoint whose connection has ended.</summary>
    public Status CallAgain() => _lane.Call(_endpoint);

    private void Run()
    {
        for (int i = 0; !_stop; i++)
        {
            IsFinalCall = i % 4 != 3;
            Final = IsFinalCall ? _lane.Call(_endpoint) : _lane.Post(_endpoint);
            if (Final != Status.Ok)
            {
                break;
            }
        }

        EndedAt = Stopwatch.GetTimestamp();
    }
}
