// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway;

/// <summary>
/// A callback of the lifecycle: it runs, in its turn, whatever becomes of the strand, and holds that until it has completed.
/// </summary>
/// <param name="callback">The application's.</param>
/// <param name="then">What comes of it, still in the turn.</param>
/// <param name="failed">Told of an exception.</param>
internal sealed class LifecycleWork(Func<ValueTask> callback, Action? then, Action<Exception> failed) : StrandWork
{
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _task;
    private bool _isSuspended;

    /// <inheritdoc/>
    internal override void Run(Strand strand, bool isCancelled)
    {
        if (_isSuspended)
        {
            strand.Resume();
            Finish();
            return;
        }

        try
        {
            ValueTask task = callback();
            _task = task.ConfigureAwait(false).GetAwaiter();
        }
        catch (Exception e)
        {
            failed(e);
            then?.Invoke();
            return;
        }

        if (_task.IsCompleted)
        {
            Finish();
            return;
        }

        strand.Suspend();
        _isSuspended = true;
        _task.UnsafeOnCompleted(() => strand.PostContinuation(this));
    }

    private void Finish()
    {
        try
        {
            _task.GetResult();
        }
        catch (Exception e)
        {
            failed(e);
        }

        then?.Invoke();
    }
}
