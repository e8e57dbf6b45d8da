// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;

namespace Gangway.Bench.Roles;

/// <summary>The asking side of a mechanism; it holds the clock.</summary>
internal abstract class Client : IDisposable
{
    /// <summary>Works for <paramref name="duration"/>, or until <paramref name="samples"/> is full.</summary>
    public virtual Measurement Run(TimeSpan duration, Samples samples) => throw new NotSupportedException("Not timed.");

    /// <summary>Makes <paramref name="calls"/> calls, asleep for a millisecond before each.</summary>
    public virtual Measurement RunPaced(int calls, Samples samples) => throw new NotSupportedException("Not paced.");

    /// <summary>Makes exactly <paramref name="calls"/> calls without looking at the clock.</summary>
    public virtual Measurement RunCalls(int calls) => throw new NotSupportedException("Not counted.");

    /// <summary>A counter of the mechanism, by name; see <c>docs/BENCHMARKS.md</c>.</summary>
    public virtual long Counter(string name) => throw new NotSupportedException($"No counter '{name}' here.");

    /// <summary>Anything else that the harness may ask; null if this client does not know it.</summary>
    public virtual string? Do(string[] command, Samples samples) => null;

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Ends the benchmark when a reply is not the one to this request: fast and wrong is no figure.</summary>
    protected static void Check(bool right)
    {
        if (!right)
        {
            throw new BenchmarkException("A reply did not match its request.");
        }
    }
}
