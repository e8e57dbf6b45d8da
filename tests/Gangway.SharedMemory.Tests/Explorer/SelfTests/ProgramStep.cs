// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>One step of a random program.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Word">Where.</param>
/// <param name="Value">What it stores, or expects.</param>
internal readonly record struct ProgramStep(StepKind Kind, int Word, int Value)
{
    public override string ToString() => $"{Kind}({Word},{Value})";
}
