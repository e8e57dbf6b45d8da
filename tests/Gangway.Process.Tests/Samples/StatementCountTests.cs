// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Samples;

/// <summary>To connect and to serve takes at most ten statements of a user's code: counted where they are used.</summary>
public sealed class StatementCountTests(ITestOutputHelper output)
{
    private const int StatementsMax = 10;

    [Rule("LC-10")]
    [Fact]
    public void ServeAndConnect_Together_TakeAtMostTenStatements()
    {
        string server = Code("tests", "Gangway.Process.Tests", "Samples", "ShortestServer.cs");
        string client = Code("tests", "Gangway.Process.Tests", "Samples", "ShortestClient.cs");

        int count = Statements.Count(server, "Serve") + Statements.Count(server, "OnTransaction") + Statements.Count(client, "Call");

        output.WriteLine($"{count} statements, handler and error handling included");
        Assert.InRange(count, 3, StatementsMax);
    }

    [Rule("LC-10")]
    [Fact]
    public void ServeAndConnect_AsCounted_Work()
    {
        using var names = new TempNames();
        string address = "shm:" + names.PathOf("shortest");
        using Listener listener = ShortestServer.Serve(address);

        Assert.Equal("hello"u8.ToArray(), ShortestClient.Call(address, "hello"u8.ToArray()));
    }

    [Rule("LC-10")]
    [Theory]
    [InlineData("Server.cs", "Run")]
    [InlineData("Client.cs", "Count")]
    public void WordCount_EachSide_TakesAtMostTenStatements(string file, string method)
    {
        int count = Statements.Count(Code("samples", "WordCount", file), method);

        output.WriteLine($"{file} {method}: {count} statements");
        Assert.InRange(count, 1, StatementsMax);
    }

    [Theory]
    [InlineData("void M() { a(); b(\"x; y\"); /* c; */ d(); }", 3)]
    [InlineData("void M() { for (int i = 0; i < 3; i++) { if (x) y(); } } void N() { a(); b(); }", 3)]
    [InlineData("int M(int a) => a + 1; int b;", 1)]
    public void Counter_KnownCode_CountsAsAReaderWould(string code, int expected) =>
        Assert.Equal(expected, Statements.Count(code, "M"));

    private static string Code(params string[] path) => File.ReadAllText(Path.Combine([Root(), .. path]));

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(here))))!;
}
