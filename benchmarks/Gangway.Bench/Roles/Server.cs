// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Roles;

/// <summary>The replying side of a mechanism; serves on a thread of its own from its construction on.</summary>
internal abstract class Server : IDisposable
{
    /// <summary>Where the client finds it.</summary>
    public abstract string Address { get; }

    /// <summary>A round begins. Only a server that spins needs to know: it must not spin between rounds.</summary>
    public virtual void BeginRound()
    {
    }

    /// <summary>A counter of the mechanism, by name; see <c>docs/BENCHMARKS.md</c>.</summary>
    public virtual long Counter(string name) => throw new NotSupportedException($"No counter '{name}' here.");

    /// <summary>Anything else that the harness may ask; null if this server does not know it.</summary>
    public virtual string? Do(string[] command) => null;

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Runs <paramref name="serve"/> on a background thread; what it throws ends the process.</summary>
    protected static void StartThread(Action serve) =>
        new Thread(() => serve()) { IsBackground = true, Name = "bench server" }.Start();
}
