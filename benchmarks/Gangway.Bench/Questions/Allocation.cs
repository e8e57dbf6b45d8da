// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Calls;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How many bytes does a call leave on the managed heaps of the two processes?</summary>
internal static class Allocation
{
    // Each needs a moment: a cancelled call its bell, a batch of timed-out ones two milliseconds.
    private const int CallsForOneCancelled = 10;
    private const int CallsForOneTimedOut = 40;

    private const int Few = Unanswered.Batch;

    /// <summary>Prints all <c>alloc.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        Call(effort);
        CallAsync(effort);
        Message(effort);
    }

    private static void Call(Effort effort)
    {
        using Pair pair = Pair.Start(Mechanism.Call, Placement.Unpinned, 3 * effort.WarmUp);
        int calls = effort.CountedCalls;
        (double client, double server) = Count(pair, calls, "calls");
        Figures.Value("alloc.calls", calls, "F0", "calls");
        Figures.Value("alloc.call.client_bytes", client, "F4", "bytes/call");
        Figures.Value("alloc.call.server_bytes", server, "F4", "bytes/call");
    }

    private static void CallAsync(Effort effort)
    {
        using Pair pair = Pair.Start(Mechanism.CallAsync, Placement.Unpinned, 3 * effort.WarmUp);
        int calls = effort.CountedCalls;
        (double client, double server) = Count(pair, calls, "calls");
        Figures.Value("alloc.callasync.client_bytes", client, "F4", "bytes/call");
        Figures.Value("alloc.callasync.server_bytes", server, "F4", "bytes/call");

        int cancelled = calls / CallsForOneCancelled;
        (double source, _) = Count(pair, cancelled, "cancel-alone");
        (client, server) = Count(pair, cancelled, "cancelled");
        Figures.Value("alloc.cancelled.source_bytes", source, "F4", "bytes/call");
        Figures.Value("alloc.cancelled.bytes", client - source + server, "F4", "bytes/call");

        int timedOut = calls / CallsForOneTimedOut / Unanswered.Batch * Unanswered.Batch;
        (client, server) = Count(pair, timedOut, "timedout");
        Figures.Value("alloc.timedout.bytes", client + server, "F4", "bytes/call");
    }

    private static void Message(Effort effort)
    {
        using Pair pair = Pair.Start(Mechanism.Stream, Placement.Unpinned, 3 * effort.WarmUp);
        int messages = effort.CountedCalls;
        (double client, double server) = Count(pair, messages, "calls");
        Figures.Value("alloc.message.bytes", client + server, "F4", "bytes/message");
    }

    /// <summary>What one more of what <paramref name="command"/> does leaves on the heap of the client and of the server.</summary>
    private static (double Client, double Server) Count(Pair pair, int count, string command)
    {
        Progress.Say($"counting allocated bytes: {command} {count}");
        Between(pair, command, count);

        // A few of them cost as much beside the calls: the command, its answer, the question, a loop's own state.
        (double clientFew, double serverFew) = Between(pair, command, Few);
        (double client, double server) = Between(pair, command, count);
        return ((client - clientFew) / (count - Few), (server - serverFew) / (count - Few));
    }

    private static (double Client, double Server) Between(Pair pair, string command, int count)
    {
        double client = pair.Client.AskNumber("allocated");
        double server = pair.Server.AskNumber("allocated");
        pair.Client.Ask(string.Create(CultureInfo.InvariantCulture, $"{command} {count}"));
        return (pair.Client.AskNumber("allocated") - client, pair.Server.AskNumber("allocated") - server);
    }
}
