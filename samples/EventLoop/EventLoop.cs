// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gangway.Samples.EventLoop;

/// <summary>One wait for all that a program has to do with. A source is a key, a bind, and a case.</summary>
internal sealed class EventLoop : IDisposable
{
    private const ulong SignalKey = 1, TimerKey = 2, WorkerKey = 3, ChildKey = 4, ListenerKey = 5, ConnectionKey = 6, FirstClientKey = 100;
    private const int Clients = 3;

    private readonly EventPort _port = new();
    private readonly uint[] _clientBits = new uint[Clients];
    private readonly List<Process> _clients = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("event-loop-");
    private Listener? _clientListener;
    private Process? _child;
    private int _clientsGone;
    private Socket? _connection;
    private Binding _connectionBinding;
    private int _ticks, _steps, _bytes;
    private bool _isAsked, _hasChildEnded, _hasConnectionEnded;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly EventTimer _timer = new();
    private readonly Notification _progress = new();

    internal int Run()
    {
        // What must not wait behind the rest has the highest priority.
        _port.Bind(PosixSignal.SIGINT, SignalKey, new BindingOptions { Priority = 0 });
        _port.Bind(PosixSignal.SIGTERM, SignalKey, new BindingOptions { Priority = 0 });

        // A timer counts its periods; who is late finds how many there were.
        _port.Bind(_timer, TimerKey, new BindingOptions { Mode = TriggerMode.Edge });
        _timer.Set(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));

        // A notification: another thread says what it has done. It never waits for this one.
        _port.Bind(_progress, WorkerKey, new BindingOptions { Mode = TriggerMode.Edge });
        new Thread(Work) { IsBackground = true, Name = "worker" }.Start();

        // A socket. OneShot, the default: it comes again when it is armed again.
        _listener.Blocking = false;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(8);
        _port.Bind(_listener, DescriptorEvents.Readable, ListenerKey);

        // The end of a process.
        string listening = ((IPEndPoint)_listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
        _child = Process.Start(Environment.ProcessPath!, ["child", listening]);
        _port.Bind(_child, ChildKey);

        // Client processes, each with a lane. The port's own waits serve their connections: there is no other thread. The
        // strand is one for all of them, so the handler runs once at a time.
        string address = $"shm:{Path.Combine(_folder.FullName, "clients")}";
        _clientListener = Domain.Listen(address, new LaneHandler(_port, FirstClientKey), new ListenerOptions
        {
            Strand = new Strand(),
            Reactor = new ReactorOptions { Port = _port },
        });
        for (int i = 0; i < Clients; i++)
            _clients.Add(Process.Start(Environment.ProcessPath!, ["client", address]));

        var packets = new Packet[16];
        while (!_isAsked && !(_hasChildEnded && _hasConnectionEnded && _ticks > 0 && _steps == WorkSteps && _clientsGone == Clients))
        {
            int count = _port.Wait(packets);
            foreach (Packet packet in packets.AsSpan(0, count))
                Handle(packet);
        }

        Console.WriteLine(_isAsked ? "asked to end" : "all done");
        return 0;
    }

    public void Dispose()
    {
        _clientListener?.Dispose();
        _port.Dispose();
        _connection?.Dispose();
        _listener.Dispose();
        _child?.Dispose();
        foreach (Process client in _clients)
            client.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Handle(Packet packet)
    {
        switch (packet.Key)
        {
            case SignalKey:
                _isAsked = true;
                break;
            case TimerKey:
                if (_ticks == 0)
                    Console.WriteLine("timer: the first period has passed");
                _ticks += (int)packet.Count;
                break;
            case WorkerKey:
                OnProgress(packet.Signals);
                break;
            case ChildKey:
                Console.WriteLine($"child: ended with {packet.Status}");
                _hasChildEnded = true;
                break;
            case ListenerKey:
                OnListener();
                break;
            case ConnectionKey:
                OnConnection();
                break;
            case >= FirstClientKey:
                OnClient((int)(packet.Key - FirstClientKey), packet.Signals);
                break;
        }
    }

    private void OnListener()
    {
        _connection = _listener.Accept();
        _connection.Blocking = false;
        Console.WriteLine("socket: the child has connected");

        // Level: comes for as long as there is something, so one look at a time is enough.
        _connectionBinding = _port.Bind(_connection, DescriptorEvents.Readable, ConnectionKey, new BindingOptions { Mode = TriggerMode.Level });
    }

    private void OnConnection()
    {
        // The packet was made before this one, and the connection may have ended by that.
        if (_hasConnectionEnded)
            return;
        byte[] buffer = new byte[8];
        int count = _connection!.Receive(buffer, SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
            return;
        _bytes += count;
        if (count > 0)
            return;
        Console.WriteLine($"socket: {_bytes} bytes, and the end");
        _connectionBinding.Dispose();
        _hasConnectionEnded = true;
    }

    private void OnClient(int number, uint signals)
    {
        _clientBits[number] |= signals & LaneClient.AllBits;

        // The last that a lane ever says, behind all that its client signalled.
        if ((signals & NotificationSender.SenderGone) == 0)
            return;
        Console.WriteLine($"client {number}: signalled {_clientBits[number]}, and is gone");
        _clientsGone++;
    }

    // ---- The worker. Each of its steps is a bit of one notification, so none is lost when several come together.

    private const int WorkSteps = 5;

    private void Work()
    {
        for (int step = 0; step < WorkSteps; step++)
            _progress.Signal(1u << step);
    }

    private void OnProgress(uint steps)
    {
        _steps += BitOperations.PopCount(steps);
        Console.WriteLine($"worker: {_steps} of {WorkSteps} steps");
    }
}
