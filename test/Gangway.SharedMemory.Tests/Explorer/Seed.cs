// SPDX-License-Identifier: MIT

using System.Globalization;
using Xunit.Abstractions;

namespace Gangway.SharedMemory.Tests;

/// <summary>The seed of random tests: from GANGWAY_SEED, else a new one; printed in any case.</summary>
internal static class Seed
{
    internal static int Take(ITestOutputHelper output)
    {
        string? given = Environment.GetEnvironmentVariable("GANGWAY_SEED");
        int seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"GANGWAY_SEED={seed}");
        Console.WriteLine($"GANGWAY_SEED={seed}");
        return seed;
    }
}
