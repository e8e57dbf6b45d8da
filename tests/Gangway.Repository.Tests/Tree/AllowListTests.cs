// SPDX-License-Identifier: MIT

using Xunit;

namespace Gangway.Repository.Tests.Tree;

public sealed class AllowListTests
{
    [Fact]
    public void Compare_EverythingListedWithReason_FindsNothing() =>
        Violations.None(AllowList.Of("# comment", "", "a because of this", "b  because of that").Compare(["a", "b", "a"], "bad"));

    [Fact]
    public void Compare_UsedAndNotListed_Complains() =>
        Violations.One(AllowList.Of("a because").Compare(["a", "b"], "is bad"), "b: is bad");

    [Fact]
    public void Compare_ListedAndNotUsed_Complains() =>
        Violations.One(AllowList.Of("a because", "b because").Compare(["a"], "bad"), "'b' is listed and no longer needed");

    [Fact]
    public void Compare_NoReason_Complains() => Violations.One(AllowList.Of("a").Compare([], "bad"), "'a' gives no reason");

    [Fact]
    public void Compare_ListedTwice_Complains() =>
        Violations.One(AllowList.Of("a one", "a two").Compare(["a"], "bad"), "twice");
}
