// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>
/// <c>connect ADDRESS COUNT</c>: connects that often, calls once on each, and prints <c>connected</c> and who the server is
/// for each, or <c>refused ERROR MESSAGE</c>. Stays connected until its input ends. To <c>call</c> it calls once more on each
/// and prints <c>called</c> with each result, to <c>reasons</c> it prints why each has ended.
/// </summary>
internal static class ConnectVerb
{
    public static int Run(string address, int count)
    {
        var endpoints = new List<Endpoint>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                endpoints.Add(Patient.Connect(address));
                CallResult result = endpoints[i].Call(PeerOperation.Echo, [1, 2, 3], new byte[3]);
                PeerIdentity peer = endpoints[i].Peer!;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"connected {result.Status} {peer.UserId} {peer.GroupId} {peer.ProcessId} {peer.ProcessKey}"));
            }

            while (Console.ReadLine() is string line)
            {
                Console.WriteLine(line == "call"
                    ? "called " + string.Join(' ', endpoints.Select(static endpoint => endpoint.Call(PeerOperation.Echo, [1], new byte[1]).Status))
                    : "reasons " + string.Join(' ', endpoints.Select(static endpoint => endpoint.DisconnectReason)));
            }

            return 0;
        }
        catch (GangwayException e)
        {
            Console.WriteLine($"refused {e.Error} {e.Message}");
            return 1;
        }
        finally
        {
            endpoints.ForEach(static endpoint => endpoint.Dispose());
        }
    }
}
