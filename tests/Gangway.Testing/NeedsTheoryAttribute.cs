// SPDX-License-Identifier: MIT

using Xunit;

namespace Gangway.Testing;

/// <summary>A table of tests that is skipped, with the reason printed, where the machine lacks something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsTheoryAttribute : TheoryAttribute
{
    /// <param name="need">What the tests cannot do without.</param>
    public NeedsTheoryAttribute(Need need) => Skip = Needs.Missing(need);
}
