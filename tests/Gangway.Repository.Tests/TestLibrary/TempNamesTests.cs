// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Repository.Tests.TestLibrary;

public sealed class TempNamesTests
{
    [Fact]
    public void Dispose_FolderWithFiles_RemovesAll()
    {
        string folder;
        using (var names = new TempNames())
        {
            folder = names.Folder;
            File.WriteAllText(names.PathOf("x"), "y");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.False(System.IO.Directory.Exists(folder));
    }

    [Fact]
    public void Next_ManyNames_AreAllDifferent()
    {
        using var one = new TempNames();
        using var two = new TempNames();
        string[] all = [one.Next(), one.Next(), two.Next(), two.Next("calc")];
        Assert.Equal(4, all.Distinct().Count());
        Assert.All(all, static name => Assert.True(name.Length < 40));
    }
}
