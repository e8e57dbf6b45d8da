// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway;

// When a message gives its credit back.
internal sealed partial class Delivery
{
    // The stamp of the message, and above it where it is. Who moves it to Completed gives the credit back.
    private const ulong Open = 1UL << 32;
    private const ulong Kept = 2UL << 32;
    private const ulong KeptAndLeft = 3UL << 32;
    private const ulong Completed = 4UL << 32;

    private ulong _message;

    /// <summary>The application completes the message itself, also after its handler has returned.</summary>
    internal void KeepMessage(uint stamp) =>
        Interlocked.CompareExchange(ref _message, stamp | Kept, stamp | Open);

    /// <summary>The application is done with the message.</summary>
    /// <returns>False when it was completed before.</returns>
    internal bool TryCompleteMessage(uint stamp)
    {
        ulong found = Volatile.Read(ref _message);
        while (found == (stamp | Open) || found == (stamp | Kept) || found == (stamp | KeptAndLeft))
        {
            Link link = Link;
            ulong seen = Interlocked.CompareExchange(ref _message, stamp | Completed, found);
            if (seen == found)
            {
                link.CompleteMessage();
                if (found == (stamp | KeptAndLeft))
                    FinishDeferred();
                return true;
            }

            found = seen;
        }

        return false;
    }

    private void BeginMessage() => Volatile.Write(ref _message, _stamp | Open);

    /// <summary>The handler has returned: completes the message unless it was kept.</summary>
    /// <returns>False when the application still has it.</returns>
    private bool TryFinishMessage()
    {
        ulong found = Volatile.Read(ref _message);
        while (true)
        {
            if (found == (_stamp | Completed))
                return true;
            bool isKept = found == (_stamp | Kept);
            ulong seen = Interlocked.CompareExchange(ref _message, _stamp | (isKept ? KeptAndLeft : Completed), found);
            if (seen == found)
            {
                if (!isKept)
                    Link.CompleteMessage();
                return !isKept;
            }

            found = seen;
        }
    }
}
