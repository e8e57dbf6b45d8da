// SPDX-License-Identifier: MIT

namespace Gangway.Testing;

/// <summary>How much a test that can run for any time should do: <c>./test --quick</c>, <c>./test</c>, <c>./test --soak</c>.</summary>
public static class TestLevel
{
    /// <summary>The environment variable that <c>./test</c> sets: quick, normal or soak.</summary>
    public const string Variable = "GANGWAY_TEST_LEVEL";

    /// <summary>The count for the level of this run.</summary>
    public static int Pick(int quick, int normal, int soak) =>
        Pick(Environment.GetEnvironmentVariable(Variable), quick, normal, soak);

    internal static int Pick(string? level, int quick, int normal, int soak) => level switch
    {
        null or "" or "normal" => normal,
        "quick" => quick,
        "soak" => soak,
        _ => throw new ArgumentException($"{Variable} is '{level}'; known are quick, normal and soak.", nameof(level)),
    };
}
