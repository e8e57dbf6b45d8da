// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Samples.WordCount;

/// <summary>The serving process: runs until its standard input ends, so it never outlives the client that started it.</summary>
internal static class Server
{
    internal static int Run(string address, string socketPath)
    {
        using Listener listener = Domain.Listen(address, new WordCountService());

        // For comparison only.
        using Socket plain = PlainSocket.Listen(socketPath);
        new Thread(() => PlainSocket.Serve(plain, Client.PayloadBytes)) { IsBackground = true }.Start();

        Console.WriteLine("ready");
        Console.In.ReadToEnd();
        return 0;
    }
}
