// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class DesignMarksTests
{
    [Fact]
    public void Tree_ConcurrentTypes_SayWhoWritesWhat() => Violations.None(DesignMarks.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("src/Gangway.SharedMemory/Rings/A.cs", "internal sealed class A { }", 1)]
    [InlineData("src/Gangway.SharedMemory/Replies/A.cs", "internal struct A { }", 1)]
    [InlineData("src/Gangway/Dispatch/BatonQueue.cs", "class BatonQueue { }", 1)]
    [InlineData("src/Gangway.SharedMemory/Rings/A.cs", "// Design: one writer.\ninternal sealed class A { }", 0)]
    [InlineData("src/Gangway.SharedMemory/Rings/A.cs", "internal readonly record struct A(int X);", 0)]
    [InlineData("src/Gangway.SharedMemory/Rings/A.cs", "internal enum A { B }", 0)]
    [InlineData("src/Gangway.SharedMemory/Rings/A.cs", "internal static class A { }", 0)]
    [InlineData("src/Gangway/Endpoints/A.cs", "class A { }", 0)]
    public void Find_TypeOfARoom_ComplainsWithoutMark(string path, string text, int complaints) =>
        Assert.Equal(complaints, DesignMarks.Find([new SourceFile(path, text)]).Count());
}
