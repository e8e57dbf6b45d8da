// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net.Sockets;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Peers;

/// <summary>Many .NET Unix stream sockets of one process, of which some are used.</summary>
internal sealed class UnixSocketFleetClient(string address) : FleetClient
{
    private readonly List<Socket> _sockets = [];
    private readonly Random _random = new(20261121);

    /// <inheritdoc/>
    public override Measurement Open(int connections)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < connections; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(address));
            _sockets.Add(socket);
        }

        return Measurement.OfThroughput(connections, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    public override Measurement RunFull(int active, int window, TimeSpan duration)
    {
        Socket[] all = [.. _sockets];
        _random.Shuffle(all);
        SocketWindow[] windows = [.. all[..active].Select(socket => new SocketWindow(socket, window))];
        Task[] running = [.. windows.Select(one => Task.Run(one.RunAsync))];

        // The first quarter is not counted: the sockets and the scheduler find their rhythm.
        Thread.Sleep(duration / 4);
        long before = windows.Sum(one => one.Completed);
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(duration);
        long completed = windows.Sum(one => one.Completed) - before;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        foreach (SocketWindow one in windows)
        {
            one.Stop();
        }

        Task.WaitAll(running);
        return Measurement.OfThroughput(completed, elapsed);
    }

    /// <inheritdoc/>
    public override void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
