// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Words;

public sealed class FileSizesTests
{
    [Fact]
    public void Tree_Files_AreWithinTheirLimits() =>
        Violations.None(FileSizes.Find(RepositoryTree.Files(".cs", ".c", ".h"), AllowList.Read("file-size.txt")));

    [Theory]
    [InlineData("src/A.cs", 400, 0)]
    [InlineData("src/A.cs", 401, 1)]
    [InlineData("tests/A.cs", 800, 0)]
    [InlineData("tests/A.cs", 801, 1)]
    public void Find_FileAtAndOverItsLimit_ComplainsOver(string path, int lines, int complaints) =>
        Assert.Equal(complaints, FileSizes.Find([Lines(path, lines)], AllowList.Of()).Count());

    [Theory]
    [InlineData(500, 0)]
    [InlineData(499, 1)]
    [InlineData(501, 1)]
    public void Find_ListedFile_MustHaveTheListedSize(int lines, int complaints) =>
        Assert.Equal(complaints, FileSizes.Find([Lines("src/A.cs", lines)], AllowList.Of("src/A.cs 500")).Count());

    [Fact]
    public void Find_ListedFileThatIsSmallNow_MustLeaveTheList() => Violations.One(
        FileSizes.Find([Lines("src/A.cs", 300)], AllowList.Of("src/A.cs 500")), "no longer needed");

    private static SourceFile Lines(string path, int count) => new(path, string.Concat(Enumerable.Repeat("\n", count)));
}
