// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Words;

public sealed class OpenEndsTests
{
    [Fact]
    public void Tree_Files_HaveNone() => Violations.None(OpenEnds.Find(
        RepositoryTree.Files(["src", "tests", "benchmarks", "samples", "verify", "eng"], ".cs", ".c", ".h", ".sh", ".pml", ".props", ".csproj")));

    [Fact]
    public void Find_OpenEnd_Complains() => Violations.One(
        OpenEnds.Find([new SourceFile("src/A.cs", "class A\n{\n    // TO" + "DO: more\n}")]), "src/A.cs:3");
}
