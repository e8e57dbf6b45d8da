// SPDX-License-Identifier: MIT

using System.Buffers.Text;

namespace Gangway.Platform;

/// <summary>How long a thread of this process has run, and how long it was ready and another ran instead.</summary>
/// <param name="RunNs">Nanoseconds on a processor.</param>
/// <param name="WaitNs">Nanoseconds on a run queue: preempted, or woken and not there yet.</param>
/// <remarks>Source: <c>/proc/self/task/TID/schedstat</c>. <b>Cost:</b> about 10 us, and a few hundred bytes: for rare questions.</remarks>
internal readonly record struct ThreadActivity(long RunNs, long WaitNs)
{
    /// <summary>Reads it.</summary>
    /// <param name="threadId">What <see cref="Scheduler.ThreadId"/> gave in that thread.</param>
    /// <param name="activity">Zero where the kernel does not say.</param>
    /// <returns>False when the thread has ended, or the kernel keeps no such count.</returns>
    internal static bool TryRead(int threadId, out ThreadActivity activity)
    {
        activity = default;
        Span<byte> text = stackalloc byte[96];
        int count;
        try
        {
            using var file = File.OpenHandle($"/proc/self/task/{threadId}/schedstat");
            count = RandomAccess.Read(file, text, fileOffset: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }

        if (!Utf8Parser.TryParse(text[..count], out long run, out int used) || used + 1 >= count
            || !Utf8Parser.TryParse(text[(used + 1)..count], out long wait, out _))
        {
            return false;
        }

        activity = new ThreadActivity(run, wait);
        return true;
    }
}
