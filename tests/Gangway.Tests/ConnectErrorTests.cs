// SPDX-License-Identifier: MIT

using System.Net.Sockets;

namespace Gangway.Tests;

/// <summary>Connecting and listening that cannot work: a clear error that names the address and the cause, and nothing left.</summary>
public sealed class ConnectErrorTests
{
    [Fact]
    public void Connect_ToNothing_SaysSo() => AssertError(TestDirectory.NextAddress(), ConnectError.NotFound, "nothing listens there");

    [Fact]
    public void Connect_ToADeadServersSocket_SaysSo()
    {
        string address = TestDirectory.NextAddress();
        string other = TestDirectory.NextAddress();
        using (RawSocket.Listen(other))
        {
            // Under another name than it was bound to, so that closing does not take the file away: a killed server cannot.
            File.Move(TestDirectory.PathOf(other), TestDirectory.PathOf(address));
        }

        AssertError(address, ConnectError.NotServed, "its server is dead");
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
    }

    [Fact]
    public void Connect_ToAServerThatAcceptsAndKeepsSilent_TimesOut()
    {
        string address = TestDirectory.NextAddress();
        using Socket server = RawSocket.Listen(address);
        AssertError(address, ConnectError.TimedOut, "did not answer in time", new EndpointOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) });
    }

    [Theory]
    [InlineData(2u, 8, "not Welcome")]
    [InlineData(2u, 96, "magic")]
    [InlineData(4u, 8, "not Welcome")]
    [InlineData(1u, 112, "not Welcome")]
    [Rule("SH-04")]
    public void Connect_ToAServerThatBreaksTheProtocol_SaysHow(uint type, int bytes, string how)
    {
        string address = TestDirectory.NextAddress();
        using Socket server = RawSocket.Listen(address);
        Task serving = Serve(server, RawSocket.Packet(type, bytes));
        AssertError(address, ConnectError.HandshakeFailed, how);
        Assert.True(serving.Wait(Watchdog.Bound));
    }

    [Fact]
    public void Connect_ToAServerThatHangsUp_SaysSo()
    {
        string address = TestDirectory.NextAddress();
        using Socket server = RawSocket.Listen(address);
        Task serving = Serve(server, null);
        AssertError(address, ConnectError.HandshakeFailed, "ended the connection during the handshake");
        Assert.True(serving.Wait(Watchdog.Bound));
    }

    [Theory]
    [InlineData(1u, ConnectError.HandshakeFailed)]
    [InlineData(2u, ConnectError.Incompatible)]
    [InlineData(3u, ConnectError.NotPermitted)]
    [InlineData(4u, ConnectError.Overloaded)]
    [InlineData(5u, ConnectError.Incompatible)]
    [InlineData(6u, ConnectError.Incompatible)]
    [InlineData(7u, ConnectError.HandshakeFailed)]
    [InlineData(9u, ConnectError.TimedOut)]
    [InlineData(0xFFFF_FFFFu, ConnectError.HandshakeFailed)]
    public void Connect_Rejected_GivesTheReasonWithoutControlCharacters(uint code, ConnectError expected)
    {
        string address = TestDirectory.NextAddress();
        using Socket server = RawSocket.Listen(address);
        byte[] reject = [.. RawSocket.Packet(6, 16), .. "be\u001b[31m red\n"u8];
        BitConverter.TryWriteBytes(reject.AsSpan(4), reject.Length);
        BitConverter.TryWriteBytes(reject.AsSpan(8), code);
        Task serving = Serve(server, reject);
        AssertError(address, expected, "be[31m red)");
        Assert.True(serving.Wait(Watchdog.Bound));
    }

    [Fact]
    public void Listen_UnderANameInUse_SaysSoAndDisturbsNobody()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        for (int i = 0; i < 3; i++)
        {
            GangwayException error = Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo()));
            Assert.Equal(ConnectError.InUse, error.Error);
            Assert.Equal(address, error.Address);
            Assert.Contains(address, error.Message, StringComparison.Ordinal);
        }

        using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
    }

    // "calc.lock" is the lock of "calc", and "calc.PID" was once the name under which "calc" is bound.
    [Fact]
    [Rule("NE-03")]
    public void Listen_UnderANeighboursFileNames_NeverTakesThemAway()
    {
        string address = TestDirectory.NextAddress();
        string byProcess = $"{address}.{Environment.ProcessId}";
        using Listener numbered = Domain.Listen(byProcess, ScriptedHandler.Echo());
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using (Watchdog.Run(() => Domain.Connect(byProcess)))
        {
        }

        Assert.Throws<FormatException>(() => Domain.Listen(address + ".lock", ScriptedHandler.Echo()));
        Assert.Equal(ConnectError.InUse, Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo())).Error);
    }

    [Fact]
    public void Listen_AgainAfterDispose_ServesAgain()
    {
        string address = TestDirectory.NextAddress();
        for (int i = 0; i < 20; i++)
        {
            using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
            using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
            Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
        }
    }

    [Fact]
    public void Listen_InADirectoryThatOthersCanWrite_IsRefused()
    {
        using var names = new TempNames();
        File.SetUnixFileMode(names.Folder, (UnixFileMode)0b111_111_111);
        string address = "shm:" + names.PathOf("calc");
        GangwayException error = Assert.Throws<GangwayException>(() => Domain.Listen(address, ScriptedHandler.Echo()));
        Assert.Equal(ConnectError.NotPermitted, error.Error);
        Assert.Contains("777", error.Message, StringComparison.Ordinal);
        File.SetUnixFileMode(names.Folder, (UnixFileMode)0b111_000_000);
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo());
        using Endpoint client = Watchdog.Run(() => Domain.Connect(address));
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
    }

    private static void AssertError(string address, ConnectError expected, string why, EndpointOptions? options = null)
    {
        // The reactor of all clients is made once and stays.
        _ = Reactor.Clients;
        ProcessAccounting before = ProcessAccounting.Take();
        using var endpoint = new Endpoint(address, null, options);
        GangwayException error = Assert.Throws<GangwayException>(() => Watchdog.Run(endpoint.Connect));
        Assert.Equal(expected, error.Error);
        Assert.Equal(address, error.Address);
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(EndpointState.Created, endpoint.State);
        before.AssertNothingLeft();
    }

    /// <summary>Takes one client, waits for its Hello, answers with a packet, and closes when the client has gone.</summary>
    private static Task Serve(Socket server, byte[]? answer) => Task.Factory.StartNew(
        () =>
        {
            using Socket client = server.Accept();
            Assert.Equal(1u, RawSocket.Receive(client).Type);
            if (answer is null)
                return;
            client.Send(answer);
            Assert.Equal(0u, RawSocket.Receive(client).Type);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
