// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class SafetyMarksTests
{
    [Fact]
    public void Tree_FilesWithPointers_SayWhyTheyAreSafe() => Violations.None(SafetyMarks.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("int f(byte* p) { return p->x; }")]
    [InlineData("int f(void* p) { return g((int*)p); }")]
    [InlineData("int f(int* p) { int y = *p; return y; }")]
    [InlineData("void f() { fixed (byte* p = b) { } }")]
    [InlineData("void f(T x) { g(&x); }")]
    [InlineData("void f() { Unsafe.Add(ref x, 1); }")]
    [InlineData("void f() { buffer.AcquirePointer(ref p); }")]
    public void Find_PointerWithoutMark_Complains(string code) =>
        Violations.One(SafetyMarks.Find([new SourceFile("src/A.cs", $"class A {{ {code} }}")]), "src/A.cs");

    [Theory]
    [InlineData("int f(int a, int b) => a * b;")]
    [InlineData("bool f(bool a, bool b) => a && b;")]
    [InlineData("int f(int a, int b) => (a & b);")]
    [InlineData("// SAFETY: p is ours.\nint f(S* p) { return p->x; }")]
    public void Find_NoPointerOrMarked_FindsNothing(string code) =>
        Violations.None(SafetyMarks.Find([new SourceFile("src/A.cs", $"class A {{ {code} }}")]));

    [Theory]
    [InlineData(16, 0)]
    [InlineData(17, 1)]
    public void Find_MarkAbove_ReachesSixteenLines(int lines, int complaints) => Assert.Equal(
        complaints,
        SafetyMarks.Find([new SourceFile("src/A.cs", "// SAFETY: x" + new string('\n', lines) + "f(&x);")]).Count());

    [Fact]
    public void Find_MarkBelow_DoesNotCount() => Violations.One(
        SafetyMarks.Find([new SourceFile("src/A.cs", "f(&x);\n// SAFETY: x")]), "src/A.cs:1");

    [Fact]
    public void Find_MarkInsideLiteral_DoesNotCount() => Violations.One(
        SafetyMarks.Find([new SourceFile("src/A.cs", "class A { string s = \"SAFETY:\"; int f(S* p) { return p->x; } }")]), "no SAFETY:");
}
