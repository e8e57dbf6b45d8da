// SPDX-License-Identifier: MIT

using Gangway.Process.Peer;
using Gangway.Testing;

namespace Gangway.Process.Tests.Kills;

/// <summary>A thread that connects, calls once and disposes, over and over, until connecting fails.</summary>
internal sealed class ConnectStorm
{
    private readonly string _address;
    private readonly JournalLane _lane;
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Begins.</summary>
    public ConnectStorm(string address, JournalLane lane)
    {
        _address = address;
        _lane = lane;
        _thread = new Thread(Run) { IsBackground = true, Name = "storm" };
        _thread.Start();
    }

    /// <summary>Connections that answered a call.</summary>
    public long Connections => _lane.Answered;

    /// <summary>Why it could not connect any more.</summary>
    public GangwayException? Refusal { get; private set; }

    /// <summary>What was wrong beside that.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Has it stop by itself.</summary>
    public void Stop() => _stop = true;

    /// <summary>Waits for its end.</summary>
    public void Join() => Watchdog.Join(_thread);

    private void Run()
    {
        while (!_stop && Refusal is null && Complaint is null)
        {
            try
            {
                using Endpoint endpoint = Domain.Connect(_address);
                if (_lane.Call(endpoint) is not (Status.Ok or Status.NotConnected or Status.NotSent or Status.OutcomeUnknown) || _lane.Complaint is not null)
                {
                    Complaint = $"a call right after connecting ended with {_lane.LastCall}; {_lane.Complaint}";
                }
            }
            catch (GangwayException e)
            {
                Refusal = e;
            }
        }
    }
}
