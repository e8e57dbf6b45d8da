// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Questions;

/// <summary>How many bytes does a call leave on the managed heaps of the two processes?</summary>
internal static class Allocation
{
    /// <summary>Prints all <c>alloc.*</c> figures.</summary>
    public static void Answer(Effort effort)
    {
        using Pair call = Pair.Start(Mechanism.Call, Placement.Unpinned, 3 * effort.WarmUp);
        call.RunCalls(effort.CountedCalls / 10);
        Progress.Say("counting allocated bytes");

        // Asking costs some bytes as well: the question is asked twice, and its own cost taken off.
        double clientAsk = CostOfAsking(call.Client);
        double serverAsk = CostOfAsking(call.Server);
        double client = call.Client.AskNumber("allocated");
        double server = call.Server.AskNumber("allocated");
        call.RunCalls(effort.CountedCalls);
        client = call.Client.AskNumber("allocated") - client - clientAsk;
        server = call.Server.AskNumber("allocated") - server - serverAsk;
        Figures.Value("alloc.calls", effort.CountedCalls, "F0", "calls");
        Figures.Value("alloc.call.client_bytes", client / effort.CountedCalls, "F4", "bytes/call");
        Figures.Value("alloc.call.server_bytes", server / effort.CountedCalls, "F4", "bytes/call");
    }

    private static double CostOfAsking(Child child)
    {
        double first = child.AskNumber("allocated");
        return child.AskNumber("allocated") - first;
    }
}
