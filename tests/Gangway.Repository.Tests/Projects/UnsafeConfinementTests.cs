// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Projects;

public sealed class UnsafeConfinementTests
{
    [Fact]
    public void Tree_Projects_SwitchUnsafeOnInItsRoomsOnly() => Violations.None(UnsafeConfinement.FindProjects(ProjectFile.All));

    [Fact]
    public void Tree_Files_SayUnsafeInItsRoomsOnly() => Violations.None(UnsafeConfinement.FindFiles(RepositoryTree.Source));

    // The switch at the root is what makes "false" the default; without it the lists above mean nothing.
    [Fact]
    public void Tree_Root_SwitchesUnsafeOff() => Assert.Contains(
        "<AllowUnsafeBlocks>false</AllowUnsafeBlocks>", RepositoryTree.Read("Directory.Build.props").Text, StringComparison.Ordinal);

    [Fact]
    public void FindProjects_SafeProjectThatSwitchesOn_Complains() => Violations.One(
        UnsafeConfinement.FindProjects([ProjectGraphTests.Project(
            "src/Gangway/Gangway.csproj", "", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>")]),
        "AllowUnsafeBlocks outside its rooms");

    [Theory]
    [InlineData("src/Gangway/A.cs", 1)]
    [InlineData("src/Gangway.PlatformX/A.cs", 1)]
    [InlineData("src/Gangway.Rdma/A.cs", 1)]
    [InlineData("src/Gangway.Rdma/Interop/A.cs", 0)]
    [InlineData("src/Gangway.Platform/Linux/A.cs", 0)]
    public void FindFiles_UnsafeClass_ComplainsOutsideTheRooms(string path, int complaints) => Assert.Equal(
        complaints, UnsafeConfinement.FindFiles([new SourceFile(path, "unsafe class A { } // unsafe \"unsafe\"")]).Count());
}
