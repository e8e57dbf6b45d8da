// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Documents;

public sealed class EvidenceTests
{
    [Theory]
    [InlineData("docs/SECURITY-MODEL.md", "shown by")]
    [InlineData("docs/LINEAGE.md", "status")]
    public void Tree_NamedEvidence_IsThere(string document, string column) => Violations.None(Evidence.Find(
        RepositoryTree.Read(document), column, RepositoryTree.Files(["tests"], ".cs", ".c"), RepositoryTree.Exists));

    // Each threat of the original list has a row, so none can be forgotten quietly.
    [Fact]
    public void Tree_SecurityModel_AnswersEveryThreat()
    {
        string text = RepositoryTree.Read("docs/SECURITY-MODEL.md").Text;
        Violations.None(Enumerable.Range(1, 29)
            .Select(static number => $"| T{number:00} |")
            .Where(row => !text.Contains(row, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("`RingTests` and `flipping`", null)]
    [InlineData("`verify/park.pml`", null)]
    [InlineData("part 3", null)]
    [InlineData("`NoTests`", "NoTests is not there")]
    [InlineData("`verify/no.pml`", "verify/no.pml is not there")]
    [InlineData("`flip`", "flip is not there")]
    public void Find_Column_ComplainsAboutWhatIsNotThere(string cell, string? complaint)
    {
        IEnumerable<string> found = Find($"| id | shown by |\n| --- | --- |\n| T01 | {cell} |\n");
        if (complaint is null)
        {
            Violations.None(found);
        }
        else
        {
            Violations.One(found, complaint);
        }
    }

    [Fact]
    public void Find_OtherColumns_AreNotEvidence() =>
        Violations.None(Find("| id | shown by | later |\n| --- | --- | --- |\n| `x` | part 2 | `y` |\n"));

    [Fact]
    public void Find_NoSuchColumn_Complains() => Violations.One(Find("| id | test |\n| --- | --- |\n| a | b |\n"), "no table with a column");

    private static IEnumerable<string> Find(string text) => Evidence.Find(
        new SourceFile("docs/A.md", text),
        "shown by",
        [new("tests/RingTests.cs", "class RingTests { }"), new("tests/hostile/a.c", "{ \"flipping\", 3 },")],
        static path => path == "verify/park.pml");
}
