// SPDX-License-Identifier: MIT

using Xunit;

namespace Gangway.Testing;

/// <summary>A test that is skipped, with the reason printed, where the machine lacks something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    /// <param name="need">What the test cannot do without.</param>
    public NeedsFactAttribute(Need need) => Skip = Needs.Missing(need);
}
