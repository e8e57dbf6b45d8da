// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Projects;

/// <summary>Who refers to whom. What we ship is also held to the arrows of <c>docs/ARCHITECTURE.md</c>.</summary>
public static class ProjectGraph
{
    private static readonly string[] s_leaves = ["Gangway.Platform", "Gangway.SharedMemory"];

    /// <summary>One line a project: "path: references | packages".</summary>
    public static string Describe(IEnumerable<ProjectFile> projects) =>
        string.Concat(projects
            .OrderBy(static project => project.Path, StringComparer.Ordinal)
            .Select(static project => $"{project.Path}: {List(project.Projects)} | {List(project.Packages)}\n"));

    /// <summary>What breaks the rules of the shipped assemblies.</summary>
    public static IEnumerable<string> Find(IEnumerable<ProjectFile> projects)
    {
        foreach (ProjectFile project in projects.Where(static project => project.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            if (project.Packages.Count > 0)
            {
                yield return $"{project.Path}: refers to a package ({List(project.Packages)}); what we ship has none";
            }

            if (s_leaves.Contains(project.Name) && project.Projects.Count > 0)
            {
                yield return $"{project.Path}: refers to {List(project.Projects)}; it must not know any other room";
            }

            foreach (string path in project.ProjectPaths.Where(static path => !path.StartsWith("src/", StringComparison.Ordinal)))
            {
                yield return $"{project.Path}: refers to {path}, which we do not ship";
            }
        }
    }

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "-" : string.Join(", ", names);
}
