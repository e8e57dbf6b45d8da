// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The private word on which a thread sleeps while it waits for a port or a notification.</summary>
/// <remarks>A thread waits in one place at a time, so it has one, for good.</remarks>
internal sealed class ThreadWaiter
{
    [ThreadStatic]
    private static ThreadWaiter? t_current;

    private EventPort? _port;

    private ThreadWaiter()
    {
    }

    /// <summary>The calling thread's.</summary>
    internal static ThreadWaiter Current => t_current ??= new ThreadWaiter();

    internal ParkingWord Word { get; } = new();

    /// <summary>The port at which its thread may be polling; null outside of such a wait.</summary>
    internal EventPort? Port
    {
        get => Volatile.Read(ref _port);
        set => Volatile.Write(ref _port, value);
    }

    /// <summary>Wakes its thread from whatever wait of a port or a notification it is in. Any thread.</summary>
    internal void Interrupt()
    {
        Wake();
        Port?.Interrupt();
    }

    /// <summary>Wakes its thread, or has it look again if it does not sleep yet. Any thread.</summary>
    internal void Wake()
    {
        Word.Bump();
        Word.Wake(1);
    }
}
