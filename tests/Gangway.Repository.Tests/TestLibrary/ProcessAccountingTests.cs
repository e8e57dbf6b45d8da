// SPDX-License-Identifier: MIT

using System.IO.MemoryMappedFiles;
using Gangway.Testing;
using Xunit;
using Xunit.Sdk;

namespace Gangway.Repository.Tests.TestLibrary;

public sealed class ProcessAccountingTests
{
    [Fact]
    public void AssertNothingLeft_DescriptorStillOpen_FailsAndNamesIt()
    {
        using var names = new TempNames();
        ProcessAccounting before = ProcessAccounting.Take();
        using (File.Create(names.PathOf("left-open")))
        {
            XunitException failure = Assert.Throws<XunitException>(() => before.AssertNothingLeft(TimeSpan.FromMilliseconds(30)));
            Assert.Contains("left-open", failure.Message, StringComparison.Ordinal);
        }

        before.AssertNothingLeft();
    }

    [Fact]
    public void AssertNothingLeft_MappingStillThere_FailsAndNamesIt()
    {
        using var names = new TempNames();
        string path = names.PathOf("gangway-map");
        File.WriteAllBytes(path, new byte[4096]);
        ProcessAccounting before = ProcessAccounting.Take();
        using (MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path))
        using (file.CreateViewAccessor())
        {
            Assert.True(ProcessAccounting.Take().Mappings > before.Mappings);
            XunitException failure = Assert.Throws<XunitException>(() => before.AssertNothingLeft(TimeSpan.FromMilliseconds(30)));
            Assert.Contains("map rw-s", failure.Message, StringComparison.Ordinal);
        }

        before.AssertNothingLeft();
    }

    [Fact]
    public void AssertNothingLeft_LessThanBefore_Passes()
    {
        using var names = new TempNames();
        ProcessAccounting before;
        using (File.Create(names.PathOf("x")))
        {
            before = ProcessAccounting.Take();
        }

        before.AssertNothingLeft();
        Assert.True(ProcessAccounting.Take().Descriptors < before.Descriptors);
    }
}
