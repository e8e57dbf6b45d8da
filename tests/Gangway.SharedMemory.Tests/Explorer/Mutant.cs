// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>One named step of the protocol, broken in one way, while the source stays as it is.</summary>
internal sealed record Mutant(Order Step, MutantEffect Effect, Order Behind = default)
{
    internal static Mutant Skip(Order step) => new(step, MutantEffect.Skip);

    internal static Mutant SkipFence(Order step) => new(step, MutantEffect.SkipFence);

    internal static Mutant Stale(Order step) => new(step, MutantEffect.Stale);

    /// <summary>The stores of <paramref name="step"/> become visible only after the next one of <paramref name="behind"/>.</summary>
    internal static Mutant Late(Order step, Order behind) => new(step, MutantEffect.Late, behind);

    internal static Mutant Pretend(Order step) => new(step, MutantEffect.Pretend);

    public override string ToString() =>
        Effect == MutantEffect.Late ? $"{Step} late, behind {Behind}" : $"{Step} {Effect}";
}
