// SPDX-License-Identifier: MIT

using Gangway.Platform;

namespace Gangway;

/// <summary>The private word on which a thread sleeps while it waits for a port or a notification.</summary>
/// <remarks>A thread waits in one place at a time, so it has one, for good.</remarks>
internal sealed class ThreadWaiter
{
    [ThreadStatic]
    private static ThreadWaiter? t_current;

    private ThreadWaiter()
    {
    }

    /// <summary>The calling thread's.</summary>
    internal static ThreadWaiter Current => t_current ??= new ThreadWaiter();

    internal ParkingWord Word { get; } = new();

    /// <summary>Wakes its thread, or has it look again if it does not sleep yet. Any thread.</summary>
    internal void Wake()
    {
        Word.Bump();
        Word.Wake(1);
    }
}
