// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class AtomicCallsTests
{
    [Fact]
    public void Tree_AtomicCalls_AreListedWithAReason() =>
        Violations.None(AtomicCalls.Find(RepositoryTree.Source, AllowList.Read("atomic-calls.txt")));

    [Theory]
    [InlineData("Volatile.Read(in x);")]
    [InlineData("Interlocked.Exchange(ref x, 1);")]
    public void Find_CallThatIsNotListed_Complains(string code) => Violations.One(
        AtomicCalls.Find([new SourceFile("src/Gangway/A.cs", code)], AllowList.Of()), "outside the seam");

    [Fact]
    public void Find_ListedOrTheSeam_FindsNothing() => Violations.None(AtomicCalls.Find(
        [
            new SourceFile("src/Gangway/A.cs", "Volatile.Read(in x);"),
            new SourceFile("src/Gangway.SharedMemory/Ordering/ProcessMemory.cs", "Volatile.Read(in x);"),
            new SourceFile("src/Gangway/B.cs", "// Interlocked.Exchange"),
        ],
        AllowList.Of("src/Gangway/A.cs a private flag")));
}
