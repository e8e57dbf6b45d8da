// SPDX-License-Identifier: MIT

using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Samples;

/// <summary>The sample as a program: every kind of source is heard of, and it ends by itself.</summary>
public sealed class EventLoopTests(ITestOutputHelper output)
{
    [Fact]
    [Rule("EV-19")]
    public void Loop_OverEveryKindOfSource_HearsOfEach()
    {
        using ChildProcess loop = ChildProcess.Start(SampleProgram.Of("EventLoop"));
        IReadOnlyList<string> lines = loop.ReadToEnd();
        output.WriteLine(string.Join('\n', lines));
        Assert.True(loop.WaitForExit() == 0, loop.Errors);
        string[] expected =
        [
            "timer: the first period has passed", "worker: 5 of 5 steps", "socket: the child has connected",
            "socket: 14 bytes, and the end", "child: ended with 7",
            "client 0: signalled 7, and is gone", "client 1: signalled 7, and is gone", "client 2: signalled 7, and is gone",
        ];
        Assert.All(expected, line => Assert.Contains(line, lines));
        Assert.Equal("all done", lines[^1]);
    }
}
