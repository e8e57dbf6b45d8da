// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Roles;

/// <summary>One process with many connections to one server.</summary>
internal abstract class FleetClient : Client
{
    /// <summary>Opens so many connections more.</summary>
    public abstract Measurement Open(int connections);

    /// <summary>Keeps <paramref name="window"/> requests outstanding on each of <paramref name="active"/> connections.</summary>
    public abstract Measurement RunFull(int active, int window, TimeSpan duration);

    /// <inheritdoc/>
    public override string? Do(string[] command, Samples samples) => command[0] switch
    {
        "open" => Open(Number(command[1])).ToLine(),
        "full" => RunFull(Number(command[1]), Number(command[2]), Milliseconds(command[3])).ToLine(),
        _ => null,
    };

    /// <summary>A number of a command.</summary>
    protected static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A time of a command.</summary>
    protected static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(Number(text));
}
