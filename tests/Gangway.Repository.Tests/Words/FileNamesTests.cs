// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Words;

public sealed class FileNamesTests
{
    [Fact]
    public void Tree_Source_IsNamedAfterItsTypes() => Violations.None(FileNames.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("src/A/Ring.cs", "namespace N;\npublic class Ring { }")]
    [InlineData("src/A/Ring.Pads.cs", "partial class Ring { }")]
    [InlineData("src/A/Ring.cs", "class Ring<T> { } file class Part { }")]
    [InlineData("src/A/AssemblyInfo.cs", "using System;\n[assembly: Some(1)]")]
    public void Find_FileThatAgrees_FindsNothing(string path, string text) =>
        Violations.None(FileNames.Find([new SourceFile(path, text)]));

    [Theory]
    [InlineData("src/A/Ring.cs", "class Wheel { }", "holds Wheel and no Ring")]
    [InlineData("src/A/Ring.cs", "public class Ring { } public class Reader { }", "holds 2 public types")]
    [InlineData("src/A/Ring.cs", "public class Reader { } class Ring { }", "its public type is Reader")]
    [InlineData("src/A/Ring.cs", "System.Console.WriteLine(1);", "holds code and no type")]
    public void Find_FileThatDoesNot_Complains(string path, string text, string complaint) =>
        Violations.One(FileNames.Find([new SourceFile(path, text)]), complaint);
}
