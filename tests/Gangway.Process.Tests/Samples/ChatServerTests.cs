// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Samples;

/// <summary>The sample as a program, with real TCP clients that are good, slow, gone, loud or rude.</summary>
public sealed class ChatServerTests(ITestOutputHelper output)
{
    [Fact]
    [Rule("EV-19")]
    public void Chat_WithGoodSlowAndVanishingClients_GoesOn_AndEndsByASignalWithoutTheThreadPool()
    {
        using ChildProcess server = Start(out int port);
        using ChatUser ann = new(port, "ann"), bob = new(port, "bob");

        // Everybody in the room hears it, the speaker too; nobody in another room does.
        ann.Say("hello, \u001b[31mbob\u001b[0m");
        Assert.Equal("ann: hello, [31mbob[0m", bob.ReadUntil("ann: "));
        Assert.Equal("ann: hello, [31mbob[0m", ann.ReadUntil("ann: "));
        using (var carl = new ChatUser(port, "carl"))
        {
            carl.Say("/join den");
            bob.ReadUntil("carl goes to den");
            carl.ReadUntil("carl is here");
            carl.Say("secret");
            carl.ReadUntil("carl: secret");
            bob.Say("/who");
            Assert.Equal("* here: ann, bob", bob.TryReadLine());
            bob.Say("/nick ann");
            Assert.Contains("is taken", bob.TryReadLine(), StringComparison.Ordinal);
            bob.Say("/nick a b");
            Assert.Contains("letters", bob.TryReadLine(), StringComparison.Ordinal);
            carl.Say("/quit");
            carl.ReadUntil("leaves: bye");
            Assert.Null(carl.TryReadLine());
        }

        // Two vanish, one politely, one by a reset.
        foreach (bool hasReset in (bool[])[false, true])
        {
            using var dora = new ChatUser(port, "dora");
            dora.Vanish(hasReset);
            bob.ReadUntil("dora has gone");
        }

        // Lines in pieces, several in one piece, and one that is too long.
        ann.SendBytes("a"u8.ToArray());
        ann.SendBytes("b\nc\nd"u8.ToArray());
        Assert.Equal("ann: ab", bob.ReadUntil("ann: "));
        Assert.Equal("ann: c", bob.TryReadLine());
        using var rude = new ChatUser(port, "rude");
        rude.SendBytes(new byte[5000]);
        rude.ReadUntil("a line has at most 1024 bytes");
        Assert.Equal("* rude has left: a line has at most 1024 bytes", bob.ReadUntil("rude has left"));
        Assert.Null(rude.TryReadLine());
        ann.Say("e");
        bob.ReadUntil("ann: de");

        End(server, port);
        bob.ReadUntil("leaves: the server ends");
        Assert.Null(bob.TryReadLine());
    }

    /// <summary>One never reads while others talk: it is dropped, is told why, and nobody else waits.</summary>
    [Fact]
    [Rule("EV-19")]
    public void SlowReader_IsDroppedAndTold_AndTheOthersMissNothing()
    {
        const int Lines = 3_000;
        using ChildProcess server = Start(out int port);
        using ChatUser ann = new(port, "ann"), slow = new(port, "slow", receiveBufferBytes: 8 * 1024);
        string text = new('x', 900);
        Watchdog.Run(() =>
        {
            for (int i = 0; i < Lines; i++)
            {
                // Ann reads what she says, so she is never behind.
                string line = string.Create(CultureInfo.InvariantCulture, $"{i} {text}");
                ann.Say(line);
                Assert.Equal($"ann: {line}", ann.ReadUntil("ann: "));
            }
        });
        Assert.Contains("dropped slow: reads too slowly", server.ReadLineStarting("dropped"), StringComparison.Ordinal);

        // What it reads at last: whole lines, then the reason, then the end.
        string? line;
        int heard = 0;
        while ((line = slow.TryReadLine()) is not null && !line.Contains("slow leaves: reads too slowly", StringComparison.Ordinal))
        {
            if (line.StartsWith("ann: ", StringComparison.Ordinal))
                Assert.EndsWith($"ann: {heard++} {text}", line, StringComparison.Ordinal);
        }

        output.WriteLine($"the slow reader heard {heard} of {Lines} lines");
        Assert.NotNull(line);
        Assert.Null(slow.TryReadLine());
        Assert.InRange(heard, 1, Lines - 1);
        End(server, port);
    }

    /// <summary>Many talk at once, and one of them in one piece: each hears everything of each, in order.</summary>
    [Fact]
    [Rule("EV-18")]
    public void ManyClients_WhoAllTalk_HearEachOtherInOrder()
    {
        const int Users = 12, Lines = 200;
        using ChildProcess server = Start(out int port, unreadBytesMax: 1 << 20);
        ChatUser[] users = [.. Enumerable.Range(0, Users).Select(i => new ChatUser(port, $"user{i}"))];
        for (int i = 0; i < Users; i++)
            users[i].SendBytes([.. Enumerable.Range(0, Lines).SelectMany(line => System.Text.Encoding.ASCII.GetBytes($"{line}\n"))]);
        foreach (ChatUser user in users)
        {
            var next = new int[Users];
            for (int left = Users * Lines; left > 0;)
            {
                string line = user.TryReadLine()!;
                if (line.StartsWith('*'))
                    continue;
                string[] words = line.Split(": ");
                int number = int.Parse(words[0]["user".Length..], CultureInfo.InvariantCulture);
                Assert.Equal(next[number]++, int.Parse(words[1], CultureInfo.InvariantCulture));
                left--;
            }
        }

        End(server, port);
        foreach (ChatUser user in users)
            user.Dispose();
    }

    [Fact]
    public void Start_OnAPortThatIsTaken_SaysSo()
    {
        using ChildProcess server = Start(out int port);
        using ChildProcess second = ChildProcess.Start(SampleProgram.Of("ChatServer"), $"{port}");
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains("ChatServer: ", second.Errors, StringComparison.Ordinal);
        using ChildProcess wrong = ChildProcess.Start(SampleProgram.Of("ChatServer"), "-1");
        Assert.Equal(2, wrong.WaitForExit());
        End(server, port);
    }

    private static ChildProcess Start(out int port, int unreadBytesMax = 64 * 1024)
    {
        ChildProcess server = ChildProcess.Start(SampleProgram.Of("ChatServer"), "0", $"{unreadBytesMax}");
        string line = server.ReadLineStarting("listening on ");
        port = int.Parse(line.Split(':')[^1], CultureInfo.InvariantCulture);
        return server;
    }

    private void End(ChildProcess server, int port)
    {
        using ChildProcess kill = ChildProcess.Start("kill", "-TERM", $"{server.Id}");
        Assert.Equal(0, kill.WaitForExit());
        string pool = server.ReadLineStarting("thread pool: ");
        output.WriteLine($"port {port}; {pool}");
        Assert.Equal(0, server.WaitForExit());

        // The runtime itself may use the pool for the signal; the clients never do.
        Assert.InRange(int.Parse(pool.Split(' ')[2], CultureInfo.InvariantCulture), 0, 2);
    }
}
