// SPDX-License-Identifier: MIT

namespace Gangway.Samples.EventLoop;

/// <summary>A client process: is given a lane, signals three bits of it, and ends.</summary>
internal static class LaneClient
{
    /// <summary>A call that is answered with the number of a lane.</summary>
    internal const uint Join = 1;

    internal const uint AllBits = 0b111;

    internal static int Run(string address)
    {
        using Endpoint endpoint = Domain.Connect(address, null, new EndpointOptions { LanesToSend = 1 });
        byte[] lane = new byte[sizeof(int)];
        CallResult joined = endpoint.Call(Join, [], lane);
        if (!joined.IsOk)
        {
            Console.Error.WriteLine($"cannot join: {joined.Status}");
            return 1;
        }

        // Never waits, and never fails. What the loop has not looked at yet is united.
        NotificationSender signals = endpoint.SenderOf(BitConverter.ToInt32(lane));
        for (uint bit = 1; bit < AllBits; bit <<= 1)
            signals.Signal(bit);
        return 0;
    }
}
