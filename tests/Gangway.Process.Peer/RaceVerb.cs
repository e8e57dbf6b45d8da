// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>race ADDRESS FILE</c>: for each round waits until the word <see cref="JournalWord.Posted"/> of lane 1 of the journal
/// reaches its number, then listens at once. Prints <c>won N</c> and listens until a line comes, or <c>lost N ERROR</c>.
/// </summary>
internal static class RaceVerb
{
    public static int Run(string address, string file)
    {
        using var gate = new Journal(file);
        new Thread(EndWithInput) { IsBackground = true }.Start();
        Console.WriteLine("ready");
        for (int round = 1; ; round++)
        {
            // No event could start two processes as closely as a word that both look at.
            while (gate[1, JournalWord.Posted] < round)
            {
                Thread.Sleep(0);
            }

            try
            {
                using Listener listener = Domain.Listen(address, new PeerHandler());
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"won {round}"));
                s_lines.Take();
            }
            catch (GangwayException e)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lost {round} {e.Error} {e.Message}"));
                continue;
            }

            Console.WriteLine("released");
        }
    }

    private static readonly System.Collections.Concurrent.BlockingCollection<string> s_lines = [];

    private static void EndWithInput()
    {
        while (Console.ReadLine() is string line)
        {
            s_lines.Add(line);
        }

        Environment.Exit(0);
    }
}
