// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;

namespace Gangway.Repository.Tests.TestLibrary;

public sealed class SeedTests
{
    [Fact]
    public void Take_SeedWanted_IsThatSeedAndPrintsIt()
    {
        string printed = "";
        Seed seed = Seed.Take("42", line => printed = line);
        Assert.Equal(42, seed.Value);
        Assert.Equal("GANGWAY_SEED=42", printed);
    }

    [Fact]
    public void Random_SameSeedAndStream_GivesTheSameNumbers()
    {
        Seed seed = Seed.Take("7", static _ => { });
        Assert.Equal(seed.Random(1).NextInt64(), seed.Random(1).NextInt64());
        Assert.NotEqual(seed.Random(1).NextInt64(), seed.Random(2).NextInt64());
    }

    [Fact]
    public void Take_NotANumber_Throws() => Assert.Throws<ArgumentException>(static () => Seed.Take("x", static _ => { }));
}
