// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>Connects for tests that are not about how long that takes: a server on a busy machine may have little of a processor.</summary>
public static class Patient
{
    private const int TriesMost = 10;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    /// <summary>As <see cref="Domain.Connect(string, EndpointHandler?, EndpointOptions?)"/>, which is tried again when the handshake took too long for either side.</summary>
    public static Endpoint Connect(string address, EndpointHandler? handler = null, EndpointOptions? options = null)
    {
        options = (options ?? new EndpointOptions()) with { ConnectTimeout = s_timeout };
        for (int tries = 1; ; tries++)
        {
            try
            {
                return Domain.Connect(address, handler, options);
            }
            catch (GangwayException slow) when (slow.Error == ConnectError.TimedOut && tries < TriesMost)
            {
            }
        }
    }
}
