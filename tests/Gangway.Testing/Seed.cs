// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace Gangway.Testing;

/// <summary>Where the randomness of a test comes from: printed, and taken from <c>GANGWAY_SEED</c> to repeat a run.</summary>
public sealed class Seed
{
    /// <summary>The environment variable that fixes the seed.</summary>
    public const string Variable = "GANGWAY_SEED";

    private Seed(int value) => Value = value;

    /// <summary>The number to put into the environment to see the same run again.</summary>
    public int Value { get; }

    /// <summary>Takes the seed from the environment, else a new one, and prints it.</summary>
    /// <param name="output">The test's output; the console when there is none.</param>
    public static Seed Take(ITestOutputHelper? output = null) =>
        Take(Environment.GetEnvironmentVariable(Variable), output is null ? Console.WriteLine : output.WriteLine);

    /// <summary>A generator that always gives the same numbers for this seed and <paramref name="stream"/>.</summary>
    /// <param name="stream">Which of several independent generators, for example a thread's number.</param>
    public Random Random(int stream = 0) => new(unchecked(Value + (stream * 0x61C88647)));

    internal static Seed Take(string? wanted, Action<string> print)
    {
        int value = RandomNumberGenerator.GetInt32(int.MaxValue);
        if (!string.IsNullOrEmpty(wanted) &&
            !int.TryParse(wanted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            throw new ArgumentException($"{Variable} is '{wanted}', which is not a 32-bit number.", nameof(wanted));
        }

        print($"{Variable}={value.ToString(CultureInfo.InvariantCulture)}");
        return new Seed(value);
    }
}
