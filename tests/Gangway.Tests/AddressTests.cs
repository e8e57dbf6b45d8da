// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Addresses: what parses, and where the error points when it does not.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("shm:a", "a", false)]
    [InlineData("shm:Calc-1_x.y", "Calc-1_x.y", false)]
    [InlineData("shm:0123456789012345678901234567890123456789012345678901234567890123", "0123456789012345678901234567890123456789012345678901234567890123", false)]
    [InlineData("shm:-", "-", false)]
    [InlineData("shm:_", "_", false)]
    [InlineData("shm:a..b", "a..b", false)]
    [InlineData("shm:/run/x/calc", "/run/x/calc", true)]
    [InlineData("shm:/a b/ö", "/a b/ö", true)]
    public void Parse_Good_GivesItsParts(string text, string name, bool isPath)
    {
        Address address = Address.Parse(text);
        Assert.Equal(name, address.Name);
        Assert.Equal(isPath, address.IsPath);
        Assert.Equal(text, address.Text);
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, Address.Parse(text));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("calc", 1)]
    [InlineData("SHM:calc", 1)]
    [InlineData("tcp://host:1", 1)]
    [InlineData("shm", 1)]
    [InlineData("shm:", 5)]
    [InlineData("shm:.hidden", 5)]
    [InlineData("shm:..", 5)]
    [InlineData("shm:a b", 6)]
    [InlineData("shm:a/b", 6)]
    [InlineData("shm:ab\0", 7)]
    [InlineData("shm:äb", 5)]
    [InlineData("shm:a:1", 6)]
    [InlineData("shm:01234567890123456789012345678901234567890123456789012345678901234", 69)]
    [InlineData("shm:/", 5)]
    [InlineData("shm:/a/", 7)]
    [InlineData("shm:/a\0b", 7)]
    public void Parse_Bad_PointsAtTheCharacter(string text, int character)
    {
        FormatException error = Assert.Throws<FormatException>(() => Address.Parse(text));
        Assert.Contains($"(at character {character})", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => new Endpoint(text));
        Assert.Throws<FormatException>(() => Domain.Connect(text));
        Assert.Throws<FormatException>(() => Domain.Listen(text, ScriptedHandler.Echo()));
    }

    [Fact]
    public void Parse_Null_IsTheCallersMistake()
    {
        Assert.Throws<ArgumentNullException>(() => Address.Parse(null!));
        Assert.Throws<ArgumentNullException>(() => new Endpoint(null!));
        Assert.Throws<ArgumentNullException>(() => Domain.Listen(null!, ScriptedHandler.Echo()));
        Assert.Throws<ArgumentNullException>(() => Domain.Listen(TestDirectory.NextAddress(), null!));
    }
}
