// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Projects;

public sealed class BenchConfinementTests
{
    [Fact]
    public void Tree_ShippedProjects_ShowNoInternalsToBenchmarks() => Violations.None(BenchConfinement.FindFriends(ProjectFile.All));

    [Fact]
    public void Tree_Benchmarks_ReferToThePublicRoomOnly() => Violations.None(BenchConfinement.FindReferences(ProjectFile.All));

    [Fact]
    public void Tree_Benchmarks_UseWhatAUserCanUse() =>
        Violations.None(BenchConfinement.FindFiles(RepositoryTree.Files(["benchmarks", "samples"], ".cs")));

    // InternalsVisibleTo can also be written in a source file, which the project files do not show.
    [Fact]
    public void Tree_Source_NamesItsFriendsInProjectFilesOnly() => Violations.None(RepositoryTree.Source
        .Where(static file => file.Code.Contains("InternalsVisibleTo", StringComparison.Ordinal))
        .Select(static file => $"{file.Path}: InternalsVisibleTo belongs into the project file"));

    [Fact]
    public void FindFriends_BenchmarkAmongThem_Complains() => Violations.One(
        BenchConfinement.FindFriends([
            ProjectGraphTests.Project("src/A/A.csproj", """<InternalsVisibleTo Include="B.Bench" /><InternalsVisibleTo Include="A.Tests" />"""),
            ProjectGraphTests.Project("benchmarks/B.Bench/B.Bench.csproj", "")]),
        "lets B.Bench see internal types");

    [Fact]
    public void FindReferences_BenchmarkOnARoomBelow_Complains() => Violations.One(
        BenchConfinement.FindReferences([ProjectGraphTests.Project(
            "benchmarks/B/B.csproj", """<ProjectReference Include="../../src/Gangway.Platform/Gangway.Platform.csproj" />""")]),
        "refers to Gangway.Platform");

    [Theory]
    [InlineData("benchmarks/B/Rtt.cs", "unsafe class A { }", 1)]
    [InlineData("benchmarks/B/Rtt.cs", "class A { [DllImport(\"c\")] static extern int f(); }", 1)]
    [InlineData("benchmarks/B/Floors/Rtt.cs", "unsafe class A { [LibraryImport(\"c\")] static partial int f(); }", 0)]
    [InlineData("benchmarks/B/Floors/Rtt.cs", "class A { [UnsafeAccessor(UnsafeAccessorKind.Method)] static extern int f(); }", 1)]
    [InlineData("samples/S/Floors/A.cs", "unsafe class A { }", 1)]
    [InlineData("src/Gangway.Platform/A.cs", "unsafe class A { }", 0)]
    public void FindFiles_WhatAUserWouldNotWrite_ComplainsOutsideFloors(string path, string text, int complaints) =>
        Assert.Equal(complaints, BenchConfinement.FindFiles([new SourceFile(path, text)]).Count());
}
