// SPDX-License-Identifier: MIT

namespace Gangway.Process.Tests.Samples;

/// <summary>All that a program needs to call. Its statements are counted.</summary>
internal static class ShortestClient
{
    public static byte[] Call(string address, byte[] request)
    {
        using Endpoint endpoint = Domain.Connect(address);
        byte[] reply = new byte[request.Length];
        CallResult result = endpoint.Call(operation: 1, request, reply);
        if (!result.IsOk)
            throw new IOException($"The server answered {result.Status}.");
        return reply;
    }
}
