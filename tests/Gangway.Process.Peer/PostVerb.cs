// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>post ADDRESS FILE LANE</c>: connects and prints <c>connected</c>. For each line of its input it sends messages until one finds
/// no room, and prints <c>posted N</c>, N over all.
/// </summary>
internal static class PostVerb
{
    public static int Run(string address, string file, int lane)
    {
        using var journal = new Journal(file);
        var sender = new JournalLane(journal, lane);
        using Endpoint endpoint = Patient.Connect(address);
        Console.WriteLine("connected");
        while (Console.ReadLine() is not null)
        {
            while (sender.TryPost(endpoint) == Status.Ok)
            {
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"posted {sender.Posted}"));
        }

        return 0;
    }
}
