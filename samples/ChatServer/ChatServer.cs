// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gangway.Samples.ChatServer;

/// <summary>A chat for whoever speaks lines over TCP: one port, one thread, and no other.</summary>
internal sealed class ChatServer : IDisposable
{
    // What the packets tell of. A client's key is never used again, so a late packet finds nobody.
    private const ulong ListenerKey = 1, EndKey = 2, TickKey = 3, FirstClientKey = 100;

    private const int ClientsMax = 1_000;
    private const int KernelBufferBytes = 16 * 1024; // Else some megabytes are unread before we hear of it.
    private const int ReceivesPerTurn = 16;
    private const int TicksPerReport = 60, TicksToLeave = 5;
    private const string Lobby = "lobby";

    private readonly EventPort _port = new();
    private readonly EventTimer _tick = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Binding _listening;
    private readonly Dictionary<ulong, ChatClient> _clients = [];
    private readonly Queue<(ChatClient Client, string Reason)> _dropped = new();
    private readonly int _unreadBytesMax;
    private ulong _nextKey = FirstClientKey;
    private long _ticks, _lines, _drops;
    private bool _isEnding;

    internal ChatServer(int port, int unreadBytesMax)
    {
        _unreadBytesMax = unreadBytesMax;
        _listener.Blocking = false;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(128);

        // One client for each packet, and the next packet when that one was taken in.
        _listening = _port.Bind(_listener, DescriptorEvents.Readable, ListenerKey, new BindingOptions { Mode = TriggerMode.Acknowledge });
        _port.Bind(PosixSignal.SIGINT, EndKey, new BindingOptions { Priority = 0 });
        _port.Bind(PosixSignal.SIGTERM, EndKey, new BindingOptions { Priority = 0 });
        _port.Bind(_tick, TickKey, new BindingOptions { Mode = TriggerMode.Edge });
        _tick.Set(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Console.WriteLine($"listening on {_listener.LocalEndPoint}");
    }

    internal void Run()
    {
        var packets = new Packet[64];
        while (!_isEnding)
        {
            int count = _port.Wait(packets);
            foreach (Packet packet in packets.AsSpan(0, count))
            {
                Handle(packet);
                DropTheSlow();
            }
        }

        foreach (ChatClient client in _clients.Values)
            client.Leave("the server ends");
        Report();
        Console.WriteLine($"thread pool: {ThreadPool.CompletedWorkItemCount} work items");
    }

    public void Dispose()
    {
        foreach (ChatClient client in _clients.Values)
            client.Dispose();
        _port.Dispose();
        _listener.Dispose();
    }

    private void Handle(Packet packet)
    {
        switch (packet.Key)
        {
            case ListenerKey:
                Accept();
                break;
            case EndKey:
                _isEnding = true;
                break;
            case TickKey:
                OnTick();
                break;
            default:
                if (_clients.TryGetValue(packet.Key, out ChatClient? client))
                    OnClient(client);
                break;
        }
    }

    private void Accept()
    {
        try
        {
            Add(_listener.Accept());
        }
        catch (SocketException e) when (e.SocketErrorCode is not (SocketError.WouldBlock or SocketError.ConnectionAborted or SocketError.ConnectionReset))
        {
            // Out of descriptors, perhaps. It stays as it is, and quiet, until the next tick.
            Console.WriteLine($"cannot accept: {e.Message}");
            return;
        }
        catch (SocketException)
        {
            // The one that was there has gone again.
        }

        _listening.Acknowledge();
    }

    private void Add(Socket socket)
    {
        socket.Blocking = false;
        socket.SendBufferSize = KernelBufferBytes;
        var client = new ChatClient(socket, _nextKey++, Lobby, _unreadBytesMax);
        _clients.Add(client.Key, client);

        // Edge: told once of each arrival and of each time that there is room again, and with no call for it. What is there
        // already is not told, so there is one look at once.
        client.Binding = _port.Bind(
            socket, DescriptorEvents.Readable | DescriptorEvents.Writable, client.Key, new BindingOptions { Mode = TriggerMode.Edge });
        if (_clients.Count > ClientsMax)
        {
            Leave(client, $"there is room for {ClientsMax}");
            return;
        }

        SayTo(client, $"* welcome, {client.Name}. /nick NAME, /join ROOM, /who, /quit; everything else is for everybody in your room.");
        SayIn(client.Room, $"* {client.Name} is here", except: client);
        OnClient(client);
    }

    private void OnClient(ChatClient client)
    {
        client.Flush();
        for (int turn = 0; turn < ReceivesPerTurn; turn++)
        {
            switch (client.Receive())
            {
                case Reception.Nothing when !client.IsGone:
                    return;
                case Reception.Nothing or Reception.End:
                    Remove(client);
                    return;
            }

            while (!client.IsLeaving && client.TryTakeLine(out string line))
                OnLine(client, line);
            if (client.HasOverlongLine)
                Leave(client, $"a line has at most {ChatClient.LineBytesMax} bytes");
        }

        // It has more, and so have others perhaps: it comes again behind them.
        if (!_port.TryPost(client.Key))
            Leave(client, "too much at once");
    }

    private void OnLine(ChatClient client, string line)
    {
        _lines++;
        string[] words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case []:
                break;
            case ["/quit", ..]:
                Leave(client, "bye");
                break;
            case ["/who", ..]:
                SayTo(client, $"* here: {string.Join(", ", _clients.Values.Where(other => other.Room == client.Room).Select(other => other.Name))}");
                break;
            case ["/nick", var name] when ChatClient.IsName(name) && _clients.Values.All(other => other.Name != name):
                SayIn(client.Room, $"* {client.Name} is now {name}");
                client.Name = name;
                break;
            case ["/join", var room] when ChatClient.IsName(room):
                SayIn(client.Room, $"* {client.Name} goes to {room}");
                client.Room = room;
                SayIn(room, $"* {client.Name} is here");
                break;
            case [['/', ..], ..]:
                SayTo(client, "* that is no command, or the name is taken or is not of 1 to 20 letters and digits");
                break;
            default:
                SayIn(client.Room, $"{client.Name}: {line}");
                break;
        }
    }

    private void OnTick()
    {
        _ticks++;
        _listening.Acknowledge();
        foreach (ChatClient client in _clients.Values.Where(client => client.IsGone || (client.IsLeaving && client.LeavesAt <= _ticks)).ToArray())
            Remove(client);
        if (_ticks % TicksPerReport == 0)
            Report();
    }

    private void SayIn(string room, string line, ChatClient? except = null)
    {
        foreach (ChatClient client in _clients.Values)
        {
            if (client.Room == room && client != except)
                SayTo(client, line);
        }
    }

    private void SayTo(ChatClient client, string line)
    {
        if (!client.IsLeaving && !client.IsGone && !client.TrySay(line))
            _dropped.Enqueue((client, string.Create(CultureInfo.InvariantCulture, $"reads too slowly, {_unreadBytesMax} bytes were unread")));
    }

    /// <summary>Not while the others are told something: to drop one is to tell them more.</summary>
    private void DropTheSlow()
    {
        while (_dropped.TryDequeue(out (ChatClient Client, string Reason) slow))
        {
            if (slow.Client.IsLeaving)
                continue;
            _drops++;
            Console.WriteLine($"dropped {slow.Client.Name}: {slow.Reason}");
            Leave(slow.Client, slow.Reason);
        }
    }

    /// <summary>Tells a client and the others why it leaves. It has some time to read that, and does not hold anybody up.</summary>
    private void Leave(ChatClient client, string reason)
    {
        client.Leave(reason);
        client.LeavesAt = _ticks + TicksToLeave;
        SayIn(client.Room, $"* {client.Name} has left: {reason}");
    }

    private void Remove(ChatClient client)
    {
        if (!_clients.Remove(client.Key))
            return;
        client.Dispose();
        if (!client.IsLeaving)
            SayIn(client.Room, $"* {client.Name} has gone");
    }

    private void Report() =>
        Console.WriteLine($"{_clients.Count} clients, {_nextKey - FirstClientKey} in all, {_lines} lines, {_drops} dropped");
}
