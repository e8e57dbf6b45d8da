// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Projects;

public sealed class ProjectGraphTests
{
    private const string CheckedIn = "eng/project-graph.txt";

    [Fact]
    public void Tree_Projects_AreTheCheckedInGraph()
    {
        string wanted = ProjectGraph.Describe(ProjectFile.All);
        string there = RepositoryTree.Read(CheckedIn).Text;
        Assert.True(wanted == there, $"{CheckedIn} should be (if the change is meant):\n{wanted}");
    }

    [Fact]
    public void Tree_ShippedProjects_KeepTheArrows() => Violations.None(ProjectGraph.Find(ProjectFile.All));

    [Fact]
    public void Tree_Solution_HoldsEveryProject()
    {
        string solution = RepositoryTree.Read("Gangway.slnx").Text;
        Violations.None(ProjectFile.All
            .Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
            .Select(static project => $"{project.Path} is not in Gangway.slnx, so ./test does not build it"));
    }

    [Fact]
    public void Find_ShippedProjectWithPackage_Complains() => Violations.One(
        ProjectGraph.Find([Project("src/A/A.csproj", """<PackageReference Include="P" />""")]), "refers to a package (P)");

    [Fact]
    public void Find_LeafThatKnowsAnother_Complains() => Violations.One(
        ProjectGraph.Find([Project(
            "src/Gangway.Platform/Gangway.Platform.csproj",
            """<ProjectReference Include="../Gangway.SharedMemory/Gangway.SharedMemory.csproj" />""")]),
        "must not know any other room");

    [Fact]
    public void Find_ShippedProjectThatKnowsATest_Complains() => Violations.One(
        ProjectGraph.Find([Project("src/A/A.csproj", """<ProjectReference Include="../../samples/B/B.csproj" />""")]),
        "samples/B/B.csproj, which we do not ship");

    [Fact]
    public void Describe_TwoProjects_OneLineEach() => Assert.Equal(
        "src/A/A.csproj: - | -\nsrc/B/B.csproj: A | P, Q\n",
        ProjectGraph.Describe([
            Project("src/B/B.csproj", """<ProjectReference Include="../A/A.csproj" /><PackageReference Include="Q" /><PackageReference Include="P" />"""),
            Project("src/A/A.csproj", "")]));

    internal static ProjectFile Project(string path, string items, string properties = "") => new(new SourceFile(
        path, $"<Project><PropertyGroup>{properties}</PropertyGroup><ItemGroup>{items}</ItemGroup></Project>"));
}
