// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How a port's poller sleeps, and is woken.</summary>
/// <remarks><b>Threads:</b> <see cref="Wake"/> any; everything else the holder of the port's baton.</remarks>
internal abstract class PortBackend : IDisposable
{
    /// <summary>The backend that the options, or the environment, ask for.</summary>
    internal static PortBackend Make(EventPortOptions options)
    {
        string? asked = Environment.GetEnvironmentVariable(EventPortOptions.BackendVariable);
        bool usesKernel = options.UsesKernel ?? (asked switch
        {
            null or "" or "epoll" => OperatingSystem.IsLinux(),
            "managed" => false,
            _ => throw new ArgumentException(
                $"{EventPortOptions.BackendVariable} is '{asked}'; known are 'epoll' and 'managed'.", nameof(options)),
        });
        return usesKernel ? new EpollBackend() : new ManagedBackend();
    }

    /// <summary>Sleeps until it is woken, or something happens that it watches, and signals that.</summary>
    /// <param name="port">The port.</param>
    /// <param name="timeoutNs">At most so long; 0 looks only, -1 has no limit.</param>
    /// <returns>False when there may be more that is ready: the room for reports was full.</returns>
    internal abstract bool Wait(EventPort port, long timeoutNs);

    /// <summary>Ends the poller's sleep, or its next one. Any thread.</summary>
    internal abstract void Wake();

    /// <summary>Gives back what it has. Nobody waits any more.</summary>
    public virtual void Dispose()
    {
    }
}
