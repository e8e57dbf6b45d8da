// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Chooses what happens next, and whether there is another execution.</summary>
internal interface IStrategy
{
    /// <summary>An execution begins.</summary>
    void Begin();

    /// <summary>Chooses one of several options. The first is to do nothing special.</summary>
    int Choose(ReadOnlySpan<Option> options, int step);

    /// <summary>After an execution: whether there is another one to do.</summary>
    bool Next();

    /// <summary>The rules about which options are offered have changed: begin anew.</summary>
    void Restart();
}
