// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Words;

public sealed class BannedCallsTests
{
    [Fact]
    public void Tree_Source_MakesNone() => Violations.None(BannedCalls.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("var a = DateTime.UtcNow;")]
    [InlineData("var a = DateTimeOffset.Now;")]
    [InlineData("long a = Environment.TickCount64;")]
    [InlineData("static volatile int s_a;")]
    [InlineData("Interlocked.MemoryBarrierProcessWide();")]
    public void Find_BannedEverywhere_ComplainsInEachRoom(string code)
    {
        Assert.Single(BannedCalls.Find([new SourceFile("src/Gangway/A.cs", code)]));
        Assert.Single(BannedCalls.Find([new SourceFile("src/Gangway.Platform/A.cs", code)]));
    }

    [Theory]
    [InlineData("Marshal.GetLastPInvokeError();")]
    [InlineData("Unsafe.As<int, byte>(ref x);")]
    [InlineData("System.Runtime.CompilerServices.Unsafe.SkipInit(out x);")]
    [InlineData("MemoryMarshal.CreateSpan(ref x, 1);")]
    [InlineData("buffer.AcquirePointer(ref p);")]
    public void Find_BannedInSafeRooms_ComplainsThereOnly(string code)
    {
        Assert.Single(BannedCalls.Find([new SourceFile("src/Gangway/A.cs", code)]));
        Violations.None(BannedCalls.Find([new SourceFile("src/Gangway.Platform/A.cs", code)]));
    }

    [Theory]
    [InlineData("// Thread.Sleep(1);")]
    [InlineData("string a = \"Environment.TickCount\";")]
    [InlineData("Marshal.GetPInvokeErrorMessage(2);")]
    [InlineData("Volatile.Read(in x);")]
    public void Find_CommentLiteralOrAllowed_FindsNothing(string code) =>
        Violations.None(BannedCalls.Find([new SourceFile("src/Gangway/A.cs", code)]));
}
