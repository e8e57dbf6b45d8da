// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What one piece of a program's code sets of its thread's ambient state, the next one does not find.</summary>
/// <remarks>
/// Handlers of clients that do not trust each other follow one another on a thread. What they leave there by
/// <see cref="AsyncLocal{T}"/>, a culture or an activity, for instance who the user is, would be the next client's.
/// </remarks>
internal static class AmbientState
{
    private static readonly ExecutionContext s_empty = OfANewThread();

    /// <summary>What the thread has before the code runs. Allocates nothing.</summary>
    internal static ExecutionContext? Begin() => ExecutionContext.Capture();

    /// <summary>Makes it so again.</summary>
    internal static void End(ExecutionContext? before)
    {
        // Null where the flow is suppressed: then the code's own contexts do not flow into it either.
        if (before is not null && ExecutionContext.Capture() != before)
            ExecutionContext.Restore(before);
    }

    /// <summary>
    /// The same, where a caller's own thread is about to run the other side's code: that finds nothing of what the caller has.
    /// </summary>
    internal static (ExecutionContext Context, bool IsSuppressed) BeginMigration()
    {
        // Where the flow is suppressed the context cannot be seen: for as long as this takes it is not.
        bool isSuppressed = ExecutionContext.IsFlowSuppressed();
        if (isSuppressed)
            ExecutionContext.RestoreFlow();
        ExecutionContext callers = ExecutionContext.Capture()!;
        if (callers != s_empty)
            ExecutionContext.Restore(s_empty);
        return (callers, isSuppressed);
    }

    /// <summary>The thread is the caller's again.</summary>
    internal static void EndMigration((ExecutionContext Context, bool IsSuppressed) caller)
    {
        End(caller.Context);
        if (caller.IsSuppressed)
            ExecutionContext.SuppressFlow();
    }

    private static ExecutionContext OfANewThread()
    {
        ExecutionContext? context = null;
        var thread = new Thread(() => context = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return context!;
    }
}
