// SPDX-License-Identifier: MIT

using Gangway.Repository.Tests.Tree;
using Gangway.Testing;
using Xunit;

namespace Gangway.Repository.Tests.Documents;

/// <summary>The first example of the README, taken from its own text, compiled against what was built, and run.</summary>
public sealed class ReadmeExampleTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="Gangway" HintPath="{0}/Gangway.dll" />
          </ItemGroup>
        </Project>
        """;

    private readonly TempNames _names = new();

    public void Dispose() => _names.Dispose();

    [Fact]
    public void Example_TwoProcesses_PrintTheSum()
    {
        string program = Build(Example());
        using ChildProcess server = Run(program, "serve");

        // The server says nothing when it is ready, so the client is asked until it is.
        string line = "";
        Watchdog.Until(() => (line = Call(program)).Length > 0, "an answer of the README's server");

        Assert.Equal("Ok: 1 + 2 = 3", line);
        server.CloseInput();
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    [Rule("LC-10")]
    public void Example_BothSidesTogether_TakeAtMostTenStatements() =>
        Assert.InRange(CSharpText.Parse(Example()).Code.Count(static c => c == ';'), 1, 10);

    // It is the first thing that anybody reads.
    [Fact]
    public void Example_Lines_AreAboutTwenty() => Assert.InRange(Example().Split('\n').Length, 10, 25);

    private static string Example()
    {
        string[] parts = RepositoryTree.Read("README.md").Text.Split("```csharp\n", 3);
        Assert.Equal(2, parts.Length);
        return parts[1].Split("```", 2)[0];
    }

    private string Build(string example)
    {
        File.WriteAllText(_names.PathOf("Program.cs"), example);
        File.WriteAllText(_names.PathOf("Example.csproj"), Project.Replace("{0}", AppContext.BaseDirectory, StringComparison.Ordinal));
        using ChildProcess build = ChildProcess.Start(new ChildProcessStart
        {
            Program = "dotnet",
            Arguments = ["build", "Example.csproj", "-o", "out", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"],
            Folder = _names.Folder,
        });
        string output = string.Join('\n', build.ReadToEnd());
        Assert.True(build.WaitForExit() == 0, $"The README's example does not compile:\n{output}");
        return _names.PathOf("out/Example.dll");
    }

    private string Call(string program)
    {
        using ChildProcess client = Run(program);
        string? line = client.TryReadLine();
        return client.WaitForExit() == 0 ? line ?? "" : "";
    }

    private ChildProcess Run(string program, params IEnumerable<string> arguments) =>
        ChildProcess.Start(ChildProcessStart.Assembly(program, arguments) with
        {
            Environment = new Dictionary<string, string?> { ["GANGWAY_DIRECTORY"] = _names.PathOf("names") },
        });
}
