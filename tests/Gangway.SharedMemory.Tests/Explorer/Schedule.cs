// SPDX-License-Identifier: MIT

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gangway.SharedMemory.Tests;

/// <summary>The decisions that make an execution what it is, as text: what a failing test prints and a replay takes.</summary>
internal sealed class Schedule(IReadOnlyList<Decision> decisions)
{
    // Design:
    //
    // Only departures from the default are written down, each with the number of the step that it precedes. Steps count
    // what is executed, not what was offered, so a schedule does not depend on which points the reduction left out.
    // "12>1 15~0.2 20!1" reads: before step 12 thread 1 goes on; before step 15 the stores of thread 0 to that cell, up
    // to the second, become visible; before step 20 thread 1 is stopped.

    private const string Signs = ">~!xts";

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789");

    internal IReadOnlyList<Decision> Decisions => decisions;

    internal static Schedule Parse(string text)
    {
        List<Decision> decisions = [];
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int sign = word.AsSpan().IndexOfAnyExcept(s_digits);
            if (sign <= 0 || !Signs.Contains(word[sign]))
                throw new FormatException($"'{word}' is not a decision.");
            string[] numbers = word[(sign + 1)..].Split('.');
            Option option = new(
                (OptionKind)Signs.IndexOf(word[sign]),
                int.Parse(numbers[0], CultureInfo.InvariantCulture),
                numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 0);
            decisions.Add(new Decision(int.Parse(word[..sign], CultureInfo.InvariantCulture), option));
        }

        return new Schedule(decisions);
    }

    public override string ToString()
    {
        StringBuilder text = new();
        foreach ((int step, Option option) in decisions)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(step).Append(Signs[(int)option.Kind]).Append(option.Index);
            if (option.Kind == OptionKind.Flush)
                text.Append('.').Append(option.Count);
        }

        return text.ToString();
    }
}
