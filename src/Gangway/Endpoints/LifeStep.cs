// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>
/// One step of an endpoint's life, and the place of the one behind it. Whoever follows misses none, and keeps only the steps that
/// it has not seen.
/// </summary>
internal sealed class LifeStep(EndpointChange change)
{
    private readonly TaskCompletionSource<LifeStep> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal EndpointChange Change { get; } = change;

    /// <summary>Completes with the step behind it.</summary>
    internal Task<LifeStep> Next => _next.Task;

    /// <summary>Puts a step behind it. Once.</summary>
    internal void Follow(LifeStep next) => _next.SetResult(next);
}
