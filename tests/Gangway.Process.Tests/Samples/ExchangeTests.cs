// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
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
        using ChildProcess exchange = ChildProcess.Start(Program(), "--seconds", "2", "--clients", "60");
        IReadOnlyList<string> lines = exchange.ReadToEnd();
        output.WriteLine(string.Join('\n', lines));

        Assert.True(exchange.WaitForExit() == 0, exchange.Errors);
        Assert.Equal("all sums agree", lines[^1]);
    }

    // Built with this project, to its own place.
    private static string Program([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        return Path.Combine(root, "samples", "Exchange", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "Exchange");
    }
}
