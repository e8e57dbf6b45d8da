// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Documents;

public sealed class SpecRulesTests
{
    private static readonly SpecRule[] s_complete =
        [.. SpecRules.Chapters.SelectMany(static chapter => Enumerable.Range(1, chapter.Value)
            .Select(number => new SpecRule($"{chapter.Key}-{number:00}", "A sentence that says something.", "planned", "3")))];

    [Fact]
    public void Tree_KeptRules_AreShownByTests() => Violations.None(SpecRules.Find(
        SpecRules.Parse(RepositoryTree.Read("docs/SPEC.md").Text), SpecRules.Named(RepositoryTree.Tests)));

    [Fact]
    public void Parse_Table_GivesItsRows() => Assert.Equal(
        [new SpecRule("SH-01", "No lost wake-up.", "kept", "1, more in 2")],
        SpecRules.Parse("| id | rule | state | part | how |\n| --- | --- | --- | --- | --- |\n| SH-01 | No lost wake-up. | kept | 1, more in 2 | x |\n"));

    [Fact]
    public void Named_AttributesOnly_CountEach() => Assert.Equal(
        ["SH-01", "CA-02", "CA-03"],
        SpecRules.Named([new SourceFile("tests/A.cs", """
            class A
            {
                [Fact, Rule("SH-01")]
                // [Rule("SH-09")]
                void B() { string s = "[Rule(\"SH-08\")]"; }

                [Fact]
                [Rule("CA-02"), Rule( "CA-03")]
                void C() { }
            }
            """)]).Select(static named => named.Id));

    [Fact]
    public void Find_AllThere_FindsNothing() => Violations.None(SpecRules.Find(s_complete, []));

    [Fact]
    public void Find_KeptWithoutTest_Complains()
    {
        SpecRule[] rules = With("CA-04", static rule => rule with { State = "kept" });
        Violations.One(SpecRules.Find(rules, [("CA-03", "a:1")]), "CA-04: is kept, and no test names it");
        Violations.None(SpecRules.Find(rules, [("CA-04", "a:1")]));
    }

    [Fact]
    public void Find_RuleMissing_Complains() => Violations.One(
        SpecRules.Find([.. s_complete.Where(static rule => rule.Id != "BU-10")], []), "BU-10: is missing");

    [Fact]
    public void Find_RuleTwice_Complains() => Violations.One(SpecRules.Find([.. s_complete, s_complete[0]], []), "EV-01: stands there twice");

    [Fact]
    public void Find_TestOfUnknownRule_Complains() => Violations.One(
        SpecRules.Find(s_complete, [("SH-99", "tests/A.cs:7")]), "tests/A.cs:7: names SH-99, which is no rule");

    [Fact]
    public void Find_BrokenRow_Complains()
    {
        Violations.One(SpecRules.Find(With("EV-01", static rule => rule with { State = "done" }), []), "neither kept nor planned");
        Violations.One(SpecRules.Find(With("EV-01", static rule => rule with { Part = "later" }), []), "names no part");
        Violations.One(SpecRules.Find(With("EV-01", static rule => rule with { Sentence = "x" }), []), "says nothing");
    }

    private static SpecRule[] With(string id, Func<SpecRule, SpecRule> change) =>
        [.. s_complete.Select(rule => rule.Id == id ? change(rule) : rule)];
}
