// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>signal ADDRESS FILE COUNT SEED</c>: has the server grant lanes 0 to COUNT - 1, prints <c>connected</c>, and signals them from two
/// threads until it is killed or its input ends. Of each lane the journal has what was written before the last signal
/// (<see cref="JournalWord.Posted"/>), and before the last signal that returned (<see cref="JournalWord.Answered"/>).
/// </summary>
internal static class SignalVerb
{
    /// <summary>A call that grants as many lanes as its four bytes say.</summary>
    public const uint Grant = 1;

    private const int Threads = 2;

    public static int Run(string address, string file, int count, int seed)
    {
        using var journal = new Journal(file);
        using Endpoint endpoint = Domain.Connect(address, null, new EndpointOptions { LanesToSend = count });
        if (!endpoint.Call(Grant, BitConverter.GetBytes(count), []).IsOk)
        {
            return 1;
        }

        for (int number = 0; number < Threads; number++)
        {
            int self = number;
            new Thread(() => Signal(endpoint, journal, count, self, new Random(seed + self)))
            {
                IsBackground = true,
                Name = string.Create(CultureInfo.InvariantCulture, $"signals-{number}"),
            }.Start();
        }

        Console.WriteLine("connected");
        Console.ReadLine();
        return 0;
    }

    private static void Signal(Endpoint endpoint, Journal journal, int count, int number, Random random)
    {
        // Each thread has lanes of its own, because a journal's word has one writer; they share all words above.
        var senders = Enumerable.Range(0, count).Select(endpoint.SenderOf).ToArray();
        while (true)
        {
            int lane = random.Next(count / Threads) * Threads + number;
            long value = journal[lane, JournalWord.Posted] + 1;
            journal[lane, JournalWord.Posted] = value;
            senders[lane].Signal();
            journal[lane, JournalWord.Answered] = value;
        }
    }
}
