// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>
/// <c>await ADDRESS FILE LANE COUNT SEED</c>: COUNT lanes, from LANE on, call on one connection, awaiting, some with a deadline
/// or a cancel in the middle, until the input ends. Prints <c>connected</c>, and in the end <c>good</c>, or what was wrong.
/// </summary>
internal static class AwaitVerb
{
    public static int Run(string address, string file, int firstLane, int count, int seed)
    {
        using var journal = new Journal(file);
        using Endpoint endpoint = Patient.Connect(address);
        AwaitingLane[] lanes = [.. Enumerable.Range(firstLane, count).Select(lane => new AwaitingLane(journal, lane, seed))];
        Task[] running = [.. lanes.Select(lane => Task.Run(() => lane.RunAsync(endpoint)))];
        SpinWait.SpinUntil(() => lanes.All(static lane => lane.Answered != 0));
        Console.WriteLine("connected");
        while (Console.ReadLine() is not null)
        {
        }

        foreach (AwaitingLane lane in lanes)
        {
            lane.Stop();
        }

        Task.WaitAll(running);
        string[] complaints = [.. lanes.Select(static lane => lane.Complaint).OfType<string>()];
        Console.WriteLine(complaints.Length == 0 ? "good" : string.Join("; ", complaints));
        return complaints.Length == 0 ? 0 : 1;
    }
}
