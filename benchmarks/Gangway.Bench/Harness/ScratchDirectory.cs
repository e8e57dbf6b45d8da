// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Harness;

/// <summary>A directory for socket files that lives only until both sides are connected.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public ScratchDirectory() => Path = System.IO.Directory.CreateTempSubdirectory("gangway-bench-").FullName;

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose() => System.IO.Directory.Delete(Path, recursive: true);
}
