// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class OrderMarksTests
{
    private const string Declaration = """
        internal enum Order : byte
        {
            /// <summary>The first. Document: ring.md.</summary>
            RingHead,

            /// <summary>The second. Document: park.md.</summary>
            SleepFence,
        }
        """;

    private const string Row = "# Ring\n| step | why |\n| --- | --- |\n";

    [Fact]
    public void Tree_OrderedSteps_AreUsedAndArgued() => Violations.None(OrderMarks.Find(
        [.. RepositoryTree.Source, .. RepositoryTree.Files(["docs"], ".md")]));

    [Fact]
    public void Find_UsedAndArgued_FindsNothing() => Violations.None(OrderMarks.Find(Files()));

    [Fact]
    public void Find_NoDocument_Complains() => Violations.One(
        OrderMarks.Find([.. Files().Where(static file => !file.Name.Equals("park.md", StringComparison.Ordinal))]), "park.md is not there");

    [Fact]
    public void Find_NamedOutsideATable_IsNoRow() => Violations.One(
        OrderMarks.Find(Files(ring: "RingHead is mentioned only.")), "ring.md has no row for it");

    [Fact]
    public void Find_NameIsPartOfAnother_IsNoRow() => Violations.One(
        OrderMarks.Find(Files(ring: Row + "| RingHeadFence | x |")), "Order.RingHead: docs/memory-ordering/ring.md has no row");

    [Fact]
    public void Find_NotUsed_Complains() => Violations.One(
        OrderMarks.Find(Files(code: "T.Write(ref x, 1, Order.RingHead); // Order.SleepFence")), "Order.SleepFence: no code takes this step");

    [Fact]
    public void Find_UnknownTag_Complains() => Violations.One(
        OrderMarks.Find(Files(code: "f(Order.RingHead, Order.SleepFence); // ORDER(Nothing): x")), "ORDER(Nothing) is no member");

    [Fact]
    public void Find_MemberWithoutDocument_Complains() => Violations.One(
        OrderMarks.Find(Files(declaration: Declaration.Replace(" Document: park.md.", "", StringComparison.Ordinal))),
        "Order.SleepFence: its summary names no document");

    private static SourceFile[] Files(
        string declaration = Declaration,
        string code = "f(Order.RingHead, Order.SleepFence); // ORDER(RingHead): x",
        string ring = Row + "| `RingHead` | x |") =>
    [
        new("src/Gangway.SharedMemory/Ordering/Order.cs", declaration),
        new("src/Gangway.SharedMemory/Rings/RingReader.cs", code),
        new("docs/memory-ordering/ring.md", ring),
        new("docs/memory-ordering/park.md", Row + "| `SleepFence` | x |"),
    ];
}
