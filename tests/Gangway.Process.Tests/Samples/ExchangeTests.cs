// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Samples;

/// <summary>The sample with clients of mixed temper, run small: it compares all accounts itself.</summary>
public sealed class ExchangeTests(ITestOutputHelper output)
{
    [Rule("CA-07")]
    [Rule("CA-13")]
    [Fact]
    public void Exchange_WithSixtyClientsOfMixedTemper_AllSumsAgree()
    {
        using ChildProcess exchange = ChildProcess.Start(SampleProgram.Of("Exchange"), "--seconds", "2", "--clients", "60");
        IReadOnlyList<string> lines = exchange.ReadToEnd();
        output.WriteLine(string.Join('\n', lines));

        Assert.True(exchange.WaitForExit() == 0, exchange.Errors);
        Assert.Equal("all sums agree", lines[^1]);
    }
}
