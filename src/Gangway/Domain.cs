// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where a program starts: listen under an address, or connect to one.</summary>
public static class Domain
{
    /// <summary>
    /// How many threads of this process stand by to take a reactor over from a handler that stays too long or waits.
    /// Default: 16. With all of them in use handlers run on the thread pool instead of the reactors' threads.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 0 or more than 1,024.</exception>
    public static int MaxStandbyThreads
    {
        get => StandbyThreads.Max;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1024);
            StandbyThreads.Max = value;
        }
    }

    /// <summary>What the loop of all connecting endpoints of this process has counted.</summary>
    public static ReactorStatistics ClientReactorStatistics => Reactor.ClientsIfAny?.Statistics ?? default;

    /// <summary>Listens under an address.</summary>
    /// <inheritdoc cref="Listener(string, EndpointHandler, ListenerOptions?)"/>
    public static Listener Listen(string address, EndpointHandler handler, ListenerOptions? options = null) =>
        new(address, handler, options);

    /// <summary>Connects to an address.</summary>
    /// <param name="address">Where to connect: <c>shm:NAME</c>, <c>shm:/absolute/path</c> or <c>inproc:NAME</c>.</param>
    /// <param name="handler">What to do with what arrives; null when this side only calls and sends.</param>
    /// <param name="options">How to connect and wait; null for the defaults.</param>
    /// <returns>A connected endpoint.</returns>
    /// <exception cref="FormatException">The address does not parse; the message points at the character.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="GangwayException">It did not succeed. The message says why, and what to try.</exception>
    /// <remarks><b>Blocks:</b> up to <see cref="EndpointOptions.ConnectTimeout"/>.</remarks>
    public static Endpoint Connect(string address, EndpointHandler? handler = null, EndpointOptions? options = null)
    {
        var endpoint = new Endpoint(address, handler, options);
        try
        {
            endpoint.Connect();
            return endpoint;
        }
        catch
        {
            endpoint.Dispose();
            throw;
        }
    }
}
