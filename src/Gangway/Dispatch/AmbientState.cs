// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What one piece of a program's code sets of its thread's ambient state, the next one does not find.</summary>
/// <remarks>
/// Handlers of clients that do not trust each other follow one another on a thread. What they leave there by
/// <see cref="AsyncLocal{T}"/>, a culture or an activity, for instance who the user is, would be the next client's.
/// </remarks>
internal static class AmbientState
{
    /// <summary>What the thread has before the code runs. Allocates nothing.</summary>
    internal static ExecutionContext? Begin() => ExecutionContext.Capture();

    /// <summary>Makes it so again.</summary>
    internal static void End(ExecutionContext? before)
    {
        // Null where the flow is suppressed: then the code's own contexts do not flow into it either.
        if (before is not null && ExecutionContext.Capture() != before)
            ExecutionContext.Restore(before);
    }
}
