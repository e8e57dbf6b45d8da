// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Platform.Tests;

/// <summary>Identity, boot id and limits, against what /proc says.</summary>
public sealed class ProcessFactsTests
{
    [Fact]
    public void Identity_OfThisProcess_IsTheKernels()
    {
        string uids = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        Assert.Equal(uids.Split('\t')[2], Identity.EffectiveUid().ToString(CultureInfo.InvariantCulture));
        Assert.Equal(Environment.ProcessId, Identity.ProcessId());
    }

    [Fact]
    public void BootId_Read_IsItsTextAsBytes()
    {
        byte[] bytes = new byte[16];
        Assert.True(BootId.TryRead(bytes));
        string text = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        Assert.Equal(text.Replace("-", "", StringComparison.Ordinal), Convert.ToHexStringLower(bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => BootId.TryRead(new byte[15]));
    }

    [Fact]
    public void ResourceLimits_OfThisProcess_AreTheKernels()
    {
        ulong before = Native.SoftDescriptorLimit;
        Assert.Equal(before, ResourceLimits.DescriptorLimit());
        Native.SoftDescriptorLimit = before - 1;
        Assert.Equal(before - 1, ResourceLimits.DescriptorLimit());
        Native.SoftDescriptorLimit = before;
        Assert.Equal(
            File.ReadAllText("/proc/sys/vm/max_map_count").Trim(),
            ResourceLimits.MappingLimit().ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Descriptor_NearTheLimit_IsOneOfTheLast()
    {
        ulong before = Native.SoftDescriptorLimit;
        Assert.Equal(Errno.None, EventFd.Create(out EventFd? newest));
        using (newest)
        {
            ulong number = (ulong)newest!.Number;
            Assert.False(ResourceLimits.IsOneOfTheLast(newest));
            try
            {
                // An eighth of a small limit is left to others, and of a large one 64.
                Native.SoftDescriptorLimit = number + 1 + 64 > 512 ? number + 1 + 64 : number + 1 + number / 7;
                ulong limit = ResourceLimits.DescriptorLimit();
                Assert.Equal(number >= limit - Math.Min(64, limit / 8), ResourceLimits.IsOneOfTheLast(newest));
                Native.SoftDescriptorLimit = number + 2;
                Assert.True(ResourceLimits.IsOneOfTheLast(newest));
            }
            finally
            {
                Native.SoftDescriptorLimit = before;
            }
        }
    }

    [Fact]
    public void Dumpable_Cleared_IsWhatTheKernelSays()
    {
        Assert.True(Dumpable.IsSet);
        try
        {
            Assert.Equal(Errno.None, Dumpable.Clear());
            Assert.False(Dumpable.IsSet);
        }
        finally
        {
            Native.MakeDumpable();
        }
    }
}
