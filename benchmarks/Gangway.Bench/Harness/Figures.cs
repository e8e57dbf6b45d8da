// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Bench.Harness;

/// <summary>The only thing that writes to standard output: one figure a line, <c>name value unit</c>.</summary>
internal static class Figures
{
    /// <summary>A duration in nanoseconds.</summary>
    public static void Ns(string name, double value) => Print(name, value, value < 1000 ? "F1" : "F0", "ns");

    /// <summary>How many in a second.</summary>
    public static void Rate(string name, double value, string what) => Print(name, value, "F0", what + "/s");

    /// <summary>One figure divided by another of the same run.</summary>
    public static void Ratio(string name, double value) => Print(name, value, "F3", "ratio");

    /// <summary>Anything else.</summary>
    public static void Value(string name, double value, string format, string unit) => Print(name, value, format, unit);

    private static void Print(string name, double value, string format, string unit)
    {
        Console.Out.WriteLine($"{name} {value.ToString(format, CultureInfo.InvariantCulture)} {unit}");
        Console.Out.Flush();
    }
}
