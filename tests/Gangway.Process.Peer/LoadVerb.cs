// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net.Sockets;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>load ADDRESS FILE WITNESS LANE [steady]</c>: a client that does all that a client can do, until its input ends: thread load-0 calls
/// and sends on an endpoint of its own, load-1 and load-2 share one, and load-3 (not if steady) connects and disposes over and
/// over. They take a lane of the journal each, from LANE on. Prints <c>connected</c>, and in the end <c>good</c>, or what was wrong.
/// </summary>
internal static class LoadVerb
{
    /// <summary>Thread names begin with this.</summary>
    public const string ThreadPrefix = "load-";

    private static volatile bool s_stop;

    public static int Run(string address, string file, string witness, int firstLane, bool isSteady)
    {
        using var journal = new Journal(file);
        using Socket held = WitnessConnection.Open(witness);
        JournalLane[] lanes = [.. Enumerable.Range(firstLane, isSteady ? 3 : 4).Select(lane => new JournalLane(journal, lane))];
        using Endpoint own = Patient.Connect(address);
        using Endpoint shared = Patient.Connect(address);
        Thread[] threads =
        [
            Start(0, () => Use(lanes[0], own)),
            Start(1, () => Use(lanes[1], shared)),
            Start(2, () => Use(lanes[2], shared)),
            .. lanes[3..].Select(lane => Start(3, () => Reconnect(lane, address))),
        ];
        SpinWait.SpinUntil(() => lanes.All(static lane => lane.Answered != 0));
        Console.WriteLine("connected");
        while (Console.ReadLine() is not null)
        {
        }

        s_stop = true;
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        string[] complaints = [.. lanes.Select(lane => lane.Complaint ?? Missing(lane, own, shared)).OfType<string>()];
        Console.WriteLine(complaints.Length == 0 ? "good" : string.Join("; ", complaints));
        return complaints.Length == 0 ? 0 : 1;
    }

    private static Thread Start(int number, Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true, Name = ThreadPrefix + number.ToString(CultureInfo.InvariantCulture) };
        thread.Start();
        return thread;
    }

    private static void Use(JournalLane lane, Endpoint endpoint)
    {
        for (int i = 0; !s_stop && lane.LastCall == Status.Ok; i++)
        {
            lane.Call(endpoint);
            for (int message = i % 3; message > 0; message--)
            {
                lane.Post(endpoint);
            }

            if (i % 512 == 0)
            {
                Thread.Sleep(1); // So that both sides fall asleep now and then, and leave the processors to others.
            }
        }
    }

    private static void Reconnect(JournalLane lane, string address)
    {
        while (!s_stop && lane.LastCall == Status.Ok)
        {
            using Endpoint endpoint = Patient.Connect(address);
            lane.Post(endpoint);
            lane.Call(endpoint);
        }
    }

    private static string? Missing(JournalLane lane, Endpoint own, Endpoint shared) => lane.LastCall == Status.Ok
        ? null
        : $"lane {lane.Lane} ended with {lane.LastCall}; {own.DisconnectReason} {own.DisconnectDetail}, {shared.DisconnectReason} {shared.DisconnectDetail}";
}
