// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Gangway.Process.Tests;

/// <summary>
/// Other processes hold a plain socket to us: the moment it hangs up is when the kernel took that process's descriptors
/// back, whatever Gangway noticed of it.
/// </summary>
internal sealed class Witness : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<long>> _hangUps = new();

    public Witness(string path)
    {
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(64);
        Start(Accept);
    }

    /// <summary>What the other process connects to.</summary>
    public string Path { get; }

    /// <summary>Completes with the time (<see cref="Stopwatch"/>) at which a process that has connected hung up.</summary>
    public Task<long> HangUpOf(int processId) => Of(processId).Task;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private TaskCompletionSource<long> Of(int processId) =>
        _hangUps.GetOrAdd(processId, static _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.Accept();
                Start(() => Watch(socket));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the test is over.
        }
    }

    private void Watch(Socket socket)
    {
        using (socket)
        {
            byte[] processId = new byte[sizeof(int)];
            socket.Receive(processId);
            try
            {
                _ = socket.Receive(new byte[1]);
            }
            catch (SocketException)
            {
                // Reset instead of closed: the same news.
            }

            Of(BitConverter.ToInt32(processId)).SetResult(Stopwatch.GetTimestamp());
        }
    }

    private static void Start(Action action) => new Thread(() => action()) { IsBackground = true, Name = "witness" }.Start();
}
