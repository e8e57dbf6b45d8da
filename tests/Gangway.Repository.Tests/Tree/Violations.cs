// SPDX-License-Identifier: MIT

using Xunit;

namespace Gangway.Repository.Tests.Tree;

/// <summary>Asserts on lists of complaints, so that a failure prints all of them.</summary>
public static class Violations
{
    /// <summary>Fails with every complaint.</summary>
    public static void None(IEnumerable<string> found)
    {
        string[] all = [.. found];
        Assert.True(all.Length == 0, $"{all.Length} found:\n" + string.Join('\n', all));
    }

    /// <summary>A checker shown something bad must complain exactly once, and say this.</summary>
    public static void One(IEnumerable<string> found, string part) =>
        Assert.Contains(part, Assert.Single(found), StringComparison.Ordinal);
}
