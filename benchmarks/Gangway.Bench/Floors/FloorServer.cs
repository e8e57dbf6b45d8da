// SPDX-License-Identifier: MIT

using Gangway.Bench.Roles;

namespace Gangway.Bench.Floors;

/// <summary>The replying half of a floor, on memory that the harness made.</summary>
internal abstract class FloorServer(string address) : Server
{
    private readonly FloorMemory _memory = new(address);

    /// <inheritdoc/>
    public override string Address { get; } = address;

    /// <summary>The first byte of the memory; mapped as long as the process lives.</summary>
    protected unsafe byte* Memory => _memory.Start;

    /// <inheritdoc/>
    public override void Dispose()
    {
        // The serving thread still looks at the mapping, so the mapping ends with the process.
    }
}
