// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Tests;

/// <summary>A handler on a strand, started, suspended and ended as <see cref="Delivery"/> does.</summary>
internal sealed class HandlerWork(
    Strand strand, StrandLog log, int poster, int number, HandlerShape shape, SemaphoreSlim window) : StrandWork
{
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _task;
    private bool _isSuspended;

    internal override void Run(Strand current, bool isCancelled)
    {
        if (_isSuspended)
        {
            Finish();
            return;
        }

        log.BeginHandler(poster, number);
        ValueTask task = Handle();
        _task = task.ConfigureAwait(false).GetAwaiter();
        if (_task.IsCompleted)
        {
            End();
            return;
        }

        Interlocked.Increment(ref log.Suspended);
        strand.Suspend();
        _isSuspended = true;
        _task.UnsafeOnCompleted(OnCompleted);
    }

    private void OnCompleted()
    {
        if (strand.IsCurrent)
        {
            Finish();
            return;
        }

        Interlocked.Increment(ref log.EndedElsewhere);
        strand.PostContinuation(this);
    }

    private void Finish()
    {
        End();
        strand.Resume();
    }

    private void End()
    {
        _task.GetResult();
        log.EndHandler();
        window.Release();
    }

    private async ValueTask Handle()
    {
        log.Piece(strand);
        switch (shape)
        {
            case HandlerShape.Yields:
                await Task.Yield();
                log.Piece(strand);
                await Task.Yield();
                break;
            case HandlerShape.Awaits:
                var source = new TaskCompletionSource();
                ThreadPool.UnsafeQueueUserWorkItem(static source => source.SetResult(), source, preferLocal: false);
                await source.Task;
                break;
            case HandlerShape.EndsElsewhere:
                await Task.Run(static () => { }).ConfigureAwait(false);
                return;
        }

        log.Piece(strand);
    }
}
