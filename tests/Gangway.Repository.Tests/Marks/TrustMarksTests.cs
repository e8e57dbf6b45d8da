// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class TrustMarksTests
{
    [Fact]
    public void Tree_ReadersOfPeerBytes_SayWhatTheyCheck() =>
        Violations.None(TrustMarks.Find(RepositoryTree.Source, AllowList.Read("no-trust-mark.txt")));

    [Theory]
    [InlineData("TMemory.CopyIn(scratch, in shared, Order.RingPayload);")]
    [InlineData("uint length = BinaryPrimitives.ReadUInt32LittleEndian(frame);")]
    [InlineData("uint state = TMemory.Read(in _peer.Word32(0), Order.RingHead);")]
    public void Find_PeerReadWithoutMark_Complains(string code) =>
        Violations.One(TrustMarks.Find([new SourceFile("src/A.cs", code)], AllowList.Of()), "no TRUST:");

    [Theory]
    [InlineData("// TRUST: the length is compared with the copy.\nTMemory.CopyIn(a, in b, c);")]
    [InlineData("BinaryPrimitives.WriteUInt32LittleEndian(frame, 1);")]
    public void Find_MarkedOrOwnBytes_FindsNothing(string code) =>
        Violations.None(TrustMarks.Find([new SourceFile("src/A.cs", code)], AllowList.Of()));

    [Fact]
    public void Find_ListedFile_FindsNothing() => Violations.None(TrustMarks.Find(
        [new SourceFile("src/A.cs", "MemoryMarshal.Read<int>(x);")], AllowList.Of("src/A.cs the kernel wrote it")));
}
