// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Xunit;

namespace Gangway.Repository.Tests.Words;

public sealed class FolderNamesTests
{
    [Fact]
    public void Tree_Folders_SayWhatIsInThem() => Violations.None(FolderNames.Find(RepositoryTree.Folders));

    [Fact]
    public void Tree_Folders_AreThere() => Assert.Contains("src/Gangway.SharedMemory/Ordering", RepositoryTree.Folders);

    [Fact]
    public void Find_BannedName_Complains() => Violations.One(
        FolderNames.Find(["src/Gangway/Endpoints", "src/Gangway/internal", "src/Gangway.SharedMemory"]), "src/Gangway/internal");
}
