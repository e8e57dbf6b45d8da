// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Documents;

public sealed class LinksTests
{
    [Fact]
    public void Tree_Documents_LeadSomewhere() => Violations.None(Links.Find(RepositoryTree.Files(".md"), RepositoryTree.Exists));

    [Theory]
    [InlineData("[a](SPEC.md) [b](../README.md) [c](memory-ordering)")]
    [InlineData("[a](#one-two) [b](SPEC.md#sh--shared-memory)")]
    [InlineData("[a](https://example.org/x) `[b](nothing.md)`")]
    [InlineData("```\n[a](nothing.md)\n```")]
    public void Find_LinkThatLeadsSomewhere_FindsNothing(string text) => Violations.None(Find(text));

    [Theory]
    [InlineData("[a](nothing.md)", "docs/nothing.md is not there")]
    [InlineData("[a](../SPEC.md)", "SPEC.md is not there")]
    [InlineData("x\n\n[a](#three)", "docs/A.md:6: docs/A.md has no heading #three")]
    [InlineData("[a](SPEC.md#other)", "has no heading #other")]
    public void Find_LinkThatDoesNot_Complains(string text, string complaint) => Violations.One(Find(text), complaint);

    private static IEnumerable<string> Find(string text) => Links.Find(
        [new SourceFile("docs/A.md", "# A\n## One: Two\n\n" + text), new SourceFile("docs/SPEC.md", "## SH  Shared memory\n")],
        static path => path is "docs/A.md" or "docs/SPEC.md" or "README.md" or "docs/memory-ordering");
}
