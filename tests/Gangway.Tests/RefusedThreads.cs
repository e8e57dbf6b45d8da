// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>As long as this lives the system gives no thread of a name.</summary>
internal sealed class RefusedThreads : IDisposable
{
    internal RefusedThreads(string name, Action? refused = null) => OwnThreads.Starting = asked =>
    {
        if (asked != name)
            return;
        refused?.Invoke();
#pragma warning disable CA2201 // What the runtime throws.
        throw new OutOfMemoryException();
#pragma warning restore CA2201
    };

    public void Dispose() => OwnThreads.Starting = null;
}
