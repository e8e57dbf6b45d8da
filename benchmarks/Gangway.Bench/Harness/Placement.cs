// SPDX-License-Identifier: MIT

using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Harness;

/// <summary>On which processors the two sides of a pair may run.</summary>
/// <param name="Name">What progress messages call it.</param>
/// <param name="Client">Processors of the client.</param>
/// <param name="Server">Processors of the server.</param>
internal sealed record Placement(string Name, int[] Client, int[] Server)
{
    private static readonly int[] s_allowed = Affinity.Allowed();

    /// <summary>Wherever the scheduler puts them: what a program gets that does nothing special.</summary>
    public static Placement Unpinned { get; } = new("unpinned", s_allowed, s_allowed);

    /// <summary>Both on the first processor.</summary>
    public static Placement SameCore { get; } = new("same core", [s_allowed[0]], [s_allowed[0]]);

    /// <summary>The client on the first processor, the server on the second.</summary>
    public static Placement CrossCore { get; } = new("cross core", [s_allowed[0]], [s_allowed[^1]]);
}
