// SPDX-License-Identifier: MIT

using Xunit;

namespace Gangway.Repository.Tests.Tree;

public sealed class CSharpTextTests
{
    [Theory]
    [InlineData("a // b", "a     ", "  // b")]
    [InlineData("a /* b */ c", "a         c", "  /* b */  ")]
    [InlineData("x = \"// no\"; y", "x = \"     \"; y", "")]
    [InlineData("x = @\"a\\\"; y", "x =  \"  \"; y", "")]
    [InlineData("x = @\"a\"\"b\"; y", "x =  \"    \"; y", "")]
    [InlineData("x = $\"a{b + \"c\"}d\"; y", "x =  \" {b + \" \"} \"; y", "")]
    [InlineData("x = '\"'; y // z", "x = ' '; y     ", "           // z")]
    [InlineData("x = \"a\\\"b\"; y", "x = \"    \"; y", "")]
    [InlineData("x = \"\"\"a \"b\" // c\"\"\"; y", "x =                 ; y", "")]
    [InlineData("x = $$\"\"\"a {b} {{c}} d\"\"\"; y", null, "")]
    public void Parse_OneLine_KeepsCodeAndCommentsApart(string text, string? code, string comments)
    {
        CSharpText parts = CSharpText.Parse(text);
        Assert.Equal(code ?? parts.Code, parts.Code.PadRight(text.Length)[..text.Length]);
        Assert.Equal(comments.TrimEnd(), parts.Comments.TrimEnd());
        Assert.Equal(text.Length, parts.Code.Length);
    }

    [Fact]
    public void Parse_RawInterpolation_ShowsTheHoleOnly()
    {
        string code = CSharpText.Parse("x = $$\"\"\"a {b} {{c}} d\"\"\"; y").Code;
        Assert.Contains("{c}", code, StringComparison.Ordinal);
        Assert.DoesNotContain("b", code, StringComparison.Ordinal);
        Assert.EndsWith("; y", code, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_FileOfManyKinds_FindsTopLevelOnly()
    {
        var file = new SourceFile("src/A.cs", """
            // class Comment
            namespace N;
            /// <summary>x</summary>
            [Some(typeof(class1))]
            public sealed partial class A<T>(Record record) where T : class where U : struct
            {
                private struct Inner { }
            }
            internal readonly record struct B(int X);
            enum C { D }
            file static class E { }
            public delegate void F(int x);
            """);
        Assert.Equal(
            ["A class", "B record struct", "C enum", "E class", "F delegate"],
            file.Types.Select(static type => $"{type.Name} {type.Kind}"));
        Assert.True(file.Types[0].IsPublic);
        Assert.False(file.Types[1].IsPublic);
        Assert.True(file.Types[3].IsFileLocal);
        Assert.Equal(5, file.Types[0].Line);
    }
}
