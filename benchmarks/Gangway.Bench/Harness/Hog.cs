// SPDX-License-Identifier: MIT

using Gangway.Bench.Roles;

namespace Gangway.Bench.Harness;

/// <summary>A third process that wants a core for itself, and burns it between start and dispose.</summary>
internal sealed class Hog : IDisposable
{
    private readonly Child _child;

    /// <summary>Starts to burn <paramref name="cpus"/>.</summary>
    public Hog(int[] cpus)
    {
        _child = Child.Start(cpus, Role.Hog);
        _child.Listen();
    }

    /// <inheritdoc/>
    public void Dispose() => _child.Dispose();
}
