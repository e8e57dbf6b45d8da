// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using Gangway.Process.Peer;
using Gangway.Testing;

namespace Gangway.Process.Tests.Waking;

/// <summary>Eight threads that do all that threads can do to one server, with pauses in which everybody falls asleep.</summary>
internal sealed class WakeUpStress : IDisposable
{
    private const int ThreadCount = 8;
    private const uint PushedMax = 96;
    private readonly JournalRoom _room;
    private readonly Random[] _randoms;
    private readonly JournalLane[] _lanes;
    private readonly Endpoint _shared;
    private readonly Endpoint _own;
    private readonly Endpoint _parking;
    private readonly Endpoint _pushing;
    private readonly PushClient _pushed = new();
    private readonly long _operations;
    private readonly long _end;
    private readonly List<EndpointStatistics> _reconnected = [];
    private long _done;
    private long _late;
    private long _refused;
    private volatile string? _complaint;

    /// <summary>Connects.</summary>
    /// <param name="room">Where the server is.</param>
    /// <param name="seed">For the choices of each thread.</param>
    /// <param name="operations">How many calls and messages at least.</param>
    /// <param name="time">How long at least.</param>
    public WakeUpStress(JournalRoom room, Seed seed, long operations, TimeSpan time)
    {
        _room = room;
        _operations = operations;
        _end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        _randoms = [.. Enumerable.Range(0, ThreadCount).Select(seed.Random)];
        _lanes = [.. Enumerable.Range(1, ThreadCount).Select(lane => new JournalLane(room.Journal, lane))];
        _shared = Patient.Connect(room.Address);
        _own = Patient.Connect(room.Address);
        _parking = Patient.Connect(room.Address, options: new EndpointOptions { WaitStrategy = WaitStrategy.Park });
        _pushing = Patient.Connect(room.Address, _pushed);
    }

    /// <summary>Calls and messages that were done.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Calls that ended at their deadline.</summary>
    public long Late => Volatile.Read(ref _late);

    /// <summary>Messages that found no room.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Connections that came and went meanwhile.</summary>
    public int Reconnected => _reconnected.Count;

    /// <summary>What our side counted over all connections.</summary>
    public IEnumerable<EndpointStatistics> Statistics =>
        [_shared.Statistics, _own.Statistics, _parking.Statistics, _pushing.Statistics, .. _reconnected];

    /// <summary>Does it all; returns what was wrong, or null.</summary>
    public string? Run()
    {
        Action<int>[] work = [CallShared, CallShared, PostShared, TryPostShared, Mixed, CallParking, Reconnect, Push];
        Thread[] threads = [.. work.Select((action, i) => new Thread(() => Loop(action, i)) { IsBackground = true, Name = $"stress {action.Method.Name}" })];
        Array.ForEach(threads, static thread => thread.Start());
        long last = -1;
        foreach (Thread thread in threads)
        {
            // A thread may go on for hours in a soak; what may not be is that nothing happens any more.
            while (!thread.Join(Watchdog.Bound))
            {
                if (Done == last)
                {
                    throw new WatchdogException($"'{thread.Name}' hangs after {last} calls and messages: a wake-up was lost.");
                }

                last = Done;
            }
        }

        return _complaint ?? _pushed.Complaint ?? _lanes.Select(static lane => lane.Complaint).FirstOrDefault(static complaint => complaint is not null);
    }

    /// <summary>Lanes without deadlines: nothing of theirs may be missing.</summary>
    public static IEnumerable<int> LanesWithoutDeadline => [3, 4, 5, 6, 7, 8];

    /// <inheritdoc/>
    public void Dispose()
    {
        _shared.Dispose();
        _own.Dispose();
        _parking.Dispose();
        _pushing.Dispose();
    }

    private void Loop(Action<int> action, int thread)
    {
        try
        {
            while (_complaint is null && (Stopwatch.GetTimestamp() < _end || Done < _operations))
            {
                action(thread);
                if (_randoms[thread].Next(64) == 0)
                {
                    Thread.Sleep(_randoms[thread].Next(3)); // The load's shape, not a wait: both sides fall asleep.
                }
            }
        }
#pragma warning disable CA1031 // Whatever it is, the test must say so.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _complaint ??= e.ToString();
        }
    }

    // Some with a deadline between "passed already" and "far away".
    private void CallShared(int thread)
    {
        for (int i = 0; i < 16; i++)
        {
            Deadline deadline = i % 4 == 0 ? Deadline.After(TimeSpan.FromMicroseconds(_randoms[thread].Next(200))) : Deadline.Never;
            Status status = _lanes[thread].Call(_shared, deadline);
            Expect(status, status == Status.DeadlineExceeded && !deadline.IsNever);
            if (status == Status.DeadlineExceeded)
            {
                Interlocked.Increment(ref _late);
            }
        }
    }

    private void PostShared(int thread)
    {
        for (int i = 0; i < 200; i++)
        {
            Expect(_lanes[thread].Post(_shared));
        }
    }

    private void TryPostShared(int thread)
    {
        for (int i = 0; i < 200; i++)
        {
            Status status = _lanes[thread].TryPost(_shared);
            Expect(status, status == Status.Overloaded);
            if (status == Status.Overloaded)
            {
                Interlocked.Increment(ref _refused);
            }
        }
    }

    private void Mixed(int thread)
    {
        for (int i = 0; i < 16; i++)
        {
            Expect(_lanes[thread].Post(_own));
            Expect(_lanes[thread].Call(_own));
        }
    }

    private void CallParking(int thread) => Expect(_lanes[thread].Call(_parking));

    private void Reconnect(int thread)
    {
        using Endpoint endpoint = Patient.Connect(_room.Address);
        Expect(_lanes[thread].Call(endpoint));
        for (int messages = _randoms[thread].Next(70); messages > 0; messages--)
        {
            Expect(_lanes[thread].Post(endpoint));
        }

        _reconnected.Add(endpoint.Statistics);
        endpoint.Dispose();

        // What was sent before the close is delivered, and before that the next connection must not go on.
        Watchdog.Until(() => _room.Journal[_lanes[thread].Lane, JournalWord.Delivered] == _lanes[thread].Posted, "messages sent before a close");
    }

    private void Push(int thread)
    {
        Span<byte> wanted = stackalloc byte[sizeof(uint)], sent = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, (uint)_randoms[thread].Next((int)PushedMax));
        long before = _pushed.Arrived;
        Expect(_pushing.Call(JournalOperation.Push, wanted, sent).Status);
        long expected = before + BinaryPrimitives.ReadUInt32LittleEndian(sent);
        Watchdog.Until(() => _pushed.Arrived == expected, "messages from the server");
    }

    private void Expect(Status status, bool isAlsoGood = false)
    {
        Interlocked.Increment(ref _done);
        if (status != Status.Ok && !isAlsoGood)
        {
            _complaint ??= $"{Thread.CurrentThread.Name}: {status}";
        }
    }
}
