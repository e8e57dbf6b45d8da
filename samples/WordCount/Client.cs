// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net.Sockets;

namespace Gangway.Samples.WordCount;

/// <summary>The calling process: streams a file line by line, asks for the totals, and times round trips.</summary>
internal static class Client
{
    internal const int PayloadBytes = 64;
    private const int Calls = 100_000;
    private const int SocketRoundTrips = 20_000;
    private const int StreamedMessagesMin = 1_000_000;

    internal static int Run(string address, string socketPath, string file)
    {
        byte[] text = File.ReadAllBytes(file);
        (long lines, long words, long bytes) = Count(address, text);
        Console.WriteLine($"file             {file}");
        Console.WriteLine($"lines            {lines}");
        Console.WriteLine($"words            {words}");
        Console.WriteLine($"bytes            {bytes}");
        Console.WriteLine($"messages         {MessagesPerSecond(address, text):N0} a second");

        using Endpoint endpoint = Domain.Connect(address);
        byte[] payload = new byte[PayloadBytes];
        byte[] reply = new byte[PayloadBytes];
        RoundTrips call = RoundTrips.Measure(Calls, () => Require(endpoint.Call(Operations.Echo, payload, reply).Status));
        using Socket socket = PlainSocket.Connect(socketPath);
        RoundTrips plain = RoundTrips.Measure(SocketRoundTrips, () => PlainSocket.RoundTrip(socket, payload));
        Console.WriteLine($"call             {call}   ({Calls:N0} calls of {PayloadBytes} bytes)");
        Console.WriteLine($"plain socket     {plain}   ({plain.MicrosecondsP50 / call.MicrosecondsP50:F0} times the call)");
        return 0;
    }

    /// <summary>The main job: every line a message, then one call.</summary>
    private static (long Lines, long Words, long Bytes) Count(string address, byte[] text)
    {
        using Endpoint endpoint = Domain.Connect(address);
        Stream(endpoint, text);
        byte[] totals = new byte[Counts.WireBytes];
        Require(endpoint.Call(Operations.Totals, [], totals).Status);
        return Counts.Read(totals);
    }

    /// <summary>Streams the same text again and again, until there were enough messages to time.</summary>
    private static double MessagesPerSecond(string address, byte[] text)
    {
        if (text.Length == 0)
            return 0;
        using Endpoint endpoint = Domain.Connect(address);
        byte[] totals = new byte[Counts.WireBytes];
        long messages = Stream(endpoint, text);
        Require(endpoint.Call(Operations.Totals, [], totals).Status);

        long start = Stopwatch.GetTimestamp();
        for (messages = 0; messages < StreamedMessagesMin;)
            messages += Stream(endpoint, text);
        Require(endpoint.Call(Operations.Totals, [], totals).Status);
        return messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static long Stream(Endpoint endpoint, ReadOnlySpan<byte> text)
    {
        long messages = 0;
        while (text.Length != 0)
        {
            int line = text.IndexOf((byte)'\n') + 1;
            int piece = Math.Min(line == 0 ? text.Length : line, Endpoint.PayloadBytesMax);
            Require(endpoint.Send(Operations.Text, text[..piece]));
            text = text[piece..];
            messages++;
        }

        return messages;
    }

    private static void Require(Status status)
    {
        if (status != Status.Ok)
            throw new IOException($"The word-count service answered {status}.");
    }
}
