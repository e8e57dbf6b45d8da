// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class SummariesTests
{
    [Fact]
    public void Tree_ShippedTypes_HaveSummaries() => Violations.None(Summaries.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("namespace N;\n\ninternal sealed class A { }", 1)]
    [InlineData("/// <summary>x</summary>\nclass A { }\nclass B { }", 1)]
    [InlineData("// A comment.\nclass A { }", 1)]
    [InlineData("/// <summary>x</summary>\n/// <remarks>y</remarks>\n[Some(1)]\n// Design: z\ninternal sealed class A { }", 0)]
    public void Find_TypeOfAFile_ComplainsWithoutSummary(string text, int complaints) =>
        Assert.Equal(complaints, Summaries.Find([new SourceFile("src/A.cs", text)]).Count());

    [Fact]
    public void Find_PartialType_OnePartIsEnough() => Violations.None(Summaries.Find([
        new SourceFile("src/A.cs", "/// <summary>x</summary>\npartial class A { }"),
        new SourceFile("src/A.B.cs", "partial class A { }")]));
}
