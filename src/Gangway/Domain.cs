// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Where a program starts: listen under an address, or connect to one.</summary>
public static class Domain
{
    /// <summary>
    /// How many threads of this process stand by to take a reactor over from a handler that stays too long or waits.
    /// Default: 16. With all of them in use handlers run on <see cref="MaxWorkThreads"/> instead of the reactors' threads.
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

    /// <summary>
    /// How many threads of this process there may be for handlers that do not run on a reactor's thread: those that are slow,
    /// of <see cref="Dispatch.Strand"/> and <see cref="Dispatch.Concurrent"/>, the callbacks of <see cref="EndpointHandler"/> that
    /// are no operation, and what follows an <c>await</c>. 1 to 32,767. Default: 512.
    /// </summary>
    /// <remarks>
    /// There are as many as are needed: about one for each handler that blocks, and one for each processor. Those that nobody needs
    /// sleep, and end after ten seconds. With as many blocked as there may be, the others wait until one of them ends. The .NET
    /// thread pool has no part in it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1 or more than 32,767.</exception>
    public static int MaxWorkThreads
    {
        get => WorkThreads.Max;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, short.MaxValue);
            WorkThreads.Max = value;
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
