// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class SpdxLinesTests
{
    [Fact]
    public void Tree_SourceFiles_SayTheirLicence() => Violations.None(SpdxLines.Find(
        RepositoryTree.Files(["src", "tests", "benchmarks", "samples", "eng"], ".cs", ".c", ".h", ".sh")));

    [Theory]
    [InlineData("// SPDX-License-Identifier: MIT\nclass A { }", 0)]
    [InlineData("/* SPDX-License-Identifier: MIT */", 0)]
    [InlineData("#!/bin/sh\n# SPDX-License-Identifier: MIT\n", 0)]
    [InlineData("class A { }\n// SPDX-License-Identifier: MIT", 1)]
    [InlineData("\n// SPDX-License-Identifier: MIT", 1)]
    [InlineData("", 1)]
    public void Find_FirstLines_ComplainsWithoutLicence(string text, int complaints) =>
        Assert.Equal(complaints, SpdxLines.Find([new SourceFile("a", text)]).Count());
}
