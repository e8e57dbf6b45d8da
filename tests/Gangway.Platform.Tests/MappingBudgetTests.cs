// SPDX-License-Identifier: MIT

namespace Gangway.Platform.Tests;

/// <summary>Mappings are counted from map to unmap, and refused before the kernel would.</summary>
public sealed class MappingBudgetTests
{
    [Fact]
    public void Limit_OfThisProcess_LeavesTheRuntimeItsShare()
    {
        long kernel = (long)ResourceLimits.MappingLimit();
        Assert.Equal(Math.Max(kernel - MappingBudget.Headroom, kernel / 2), MappingBudget.Limit);
    }

    [Fact]
    public void Mapping_FromMapToUnmap_Counts()
    {
        Assert.Equal(Errno.None, MemFd.Create("budget", 4096, out FileDescriptor? memory));
        long before = MappingBudget.Used;
        using (memory)
        {
            Assert.Equal(Errno.None, Mapping.Map(memory!, 4096, MappingAccess.Read, out Mapping? mapping));
            Assert.Equal(before + 1, MappingBudget.Used);
            Assert.Equal(Errno.None, mapping!.ReplaceWithZeroPages());
            Assert.Equal(before + 1, MappingBudget.Used); // Retired is not unmapped.
            mapping.Dispose();
            Assert.Equal(before, MappingBudget.Used);
            Assert.NotEqual(Errno.None, Mapping.Map(memory!, 0, MappingAccess.Read, out _));
            Assert.Equal(before, MappingBudget.Used); // What the kernel refuses does not count.
        }
    }

    [Fact]
    public void Map_AtTheLimit_IsRefusedUntilOneIsUnmapped()
    {
        Assert.Equal(Errno.None, MemFd.Create("budget", 4096, out FileDescriptor? memory));
        long limit = MappingBudget.Limit;
        using (memory)
        {
            try
            {
                MappingBudget.Limit = MappingBudget.Used + 2;
                Assert.True(MappingBudget.HasRoom(2));
                Assert.False(MappingBudget.HasRoom(3));
                Assert.Equal(Errno.None, Mapping.Map(memory!, 4096, MappingAccess.Read, out Mapping? first));
                Assert.Equal(Errno.None, Mapping.Map(memory!, 4096, MappingAccess.Read, out Mapping? second));
                Assert.Equal(Errno.ENOMEM, Mapping.Map(memory!, 4096, MappingAccess.Read, out Mapping? third));
                Assert.Null(third);
                first!.Dispose();
                Assert.Equal(Errno.None, Mapping.Map(memory!, 4096, MappingAccess.Read, out third));
                second!.Dispose();
                third!.Dispose();
            }
            finally
            {
                MappingBudget.Limit = limit;
            }
        }
    }
}
