// SPDX-License-Identifier: MIT

using Gangway.SharedMemory;

namespace Gangway;

/// <summary>What one thread does for the library now: which loop it has, and whose code it runs.</summary>
/// <remarks>
/// <b>Threads:</b> its own, but for <see cref="Kept"/>. A reactor knows that of its loop's thread, so that what happens there
/// for each record need not ask which thread it is on: that costs 2 ns each time.
/// </remarks>
internal sealed class ThreadRole
{
    [ThreadStatic]
    private static ThreadRole? t_current;

    /// <summary>The caller's; null when it never did anything.</summary>
    internal static ThreadRole? IfAny => t_current;

    /// <summary>The caller's.</summary>
    internal static ThreadRole Current => t_current ??= new ThreadRole();

    /// <summary>The reactor whose loop this thread has, or had when the handler began that it runs.</summary>
    internal Reactor? Loop { get; set; }

    /// <summary>What that loop calls the run of somebody's code; 0 outside of one.</summary>
    internal ulong Entered { get; set; }

    /// <summary>The strand whose code runs here.</summary>
    internal Strand? Strand { get; set; }

    /// <summary>The delivery of which the code here is a part, or was; null outside of handlers.</summary>
    internal Delivery? Delivery { get; set; }

    /// <summary>Which record was in it.</summary>
    internal uint Stamp { get; set; }

    /// <summary>The delivery whose handler runs for the first time, and inside of this thread's loop; else null.</summary>
    internal Delivery? Inline { get; set; }

    /// <summary>The replies of that handler of which the loop tells. Whoever takes the loop from this thread reads it.</summary>
    internal KeptReplies<ProcessMemory> Kept { get; } = new();

    /// <summary>The handler is about to wait: its replies are its own business from here on, and those before are told of now.</summary>
    internal void StopKeeping()
    {
        if (Inline is not { } run)
            return;
        Inline = null;
        run.Link.AnnounceReplies(Kept.Slots);
        Kept.Forget();
    }
}
