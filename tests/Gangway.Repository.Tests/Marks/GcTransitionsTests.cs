// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class GcTransitionsTests
{
    private const string Import = """
        static partial class A
        {
            [LibraryImport("libc"), SuppressGCTransition]
            private static partial int getcpu(out uint cpu, out uint node, nint unused);

            [LibraryImport("libc")]
            private static partial int futex(ref uint word);
        }
        """;

    [Fact]
    public void Tree_SuppressedTransitions_AreListedWithAReason() =>
        Violations.None(GcTransitions.Find(RepositoryTree.Source, AllowList.Read("suppress-gc-transition.txt")));

    [Fact]
    public void Find_ImportThatIsNotListed_ComplainsByName() => Violations.One(
        GcTransitions.Find([new SourceFile("src/P/A.cs", Import)], AllowList.Of()), "src/P/A.cs:getcpu: suppresses");

    [Fact]
    public void Find_AttributeOnALineOfItsOwn_ComplainsByName() => Violations.One(
        GcTransitions.Find(
            [new SourceFile("src/P/A.cs", "[LibraryImport(\"libc\", EntryPoint = \"x\")]\n[SuppressGCTransition]\nprivate static partial int sched_yield();")],
            AllowList.Of()),
        "src/P/A.cs:sched_yield");

    [Fact]
    public void Find_AttributeBeforeTheImport_ComplainsByName() => Violations.One(
        GcTransitions.Find(
            [new SourceFile("src/P/A.cs", "[SuppressGCTransition]\n[LibraryImport(\"libc\", EntryPoint = \"x\")]\nprivate static unsafe partial byte* get(int* x);")],
            AllowList.Of()),
        "src/P/A.cs:get:");

    [Fact]
    public void Find_FunctionPointer_Complains() => Violations.One(
        GcTransitions.Find([new SourceFile("src/P/A.cs", "delegate* unmanaged[SuppressGCTransition]<int> f;")], AllowList.Of()), "src/P/A.cs::");

    [Fact]
    public void Find_ListedImport_FindsNothing() => Violations.None(
        GcTransitions.Find([new SourceFile("src/P/A.cs", Import)], AllowList.Of("src/P/A.cs:getcpu reads one register")));
}
