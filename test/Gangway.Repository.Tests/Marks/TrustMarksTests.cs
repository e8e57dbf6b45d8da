// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Marks;

public sealed class TrustMarksTests
{
    [Fact]
    public void Tree_ReadersOfPeerBytes_SayWhatTheyCheck() => Violations.None(TrustMarks.Find(RepositoryTree.Source));

    [Theory]
    [InlineData("TMemory.CopyIn(scratch, in shared, Order.RingPayload);")]
    [InlineData("uint length = BinaryPrimitives.ReadUInt32LittleEndian(frame);")]
    public void Find_PeerReadWithoutMark_Complains(string code) =>
        Violations.One(TrustMarks.Find([new SourceFile("src/A.cs", code)]), "no TRUST:");

    [Fact]
    public void Find_MarkedOrOwnBytes_FindsNothing()
    {
        Violations.None(TrustMarks.Find([new SourceFile("src/A.cs", "// TRUST: the length is compared with the copy.\nTMemory.CopyIn(a, in b, c);")]));
        Violations.None(TrustMarks.Find([new SourceFile("src/A.cs", "BinaryPrimitives.WriteUInt32LittleEndian(frame, 1);")]));
    }
}
