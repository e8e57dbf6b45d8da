// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gangway.Platform;

namespace Gangway;

// What else may be bound, and what is posted.
public sealed partial class EventPort
{
    /// <summary>How often a binder looks in vain at a poller that runs somebody's handler.</summary>
    private const int VisitsMax = 1000;

    private readonly List<TimerNode> _forsaken = [];
    private ulong _descriptorSerial;

    /// <summary>Binds a timer.</summary>
    /// <param name="timer">Not bound anywhere.</param>
    /// <param name="key">What its packets carry.</param>
    /// <param name="options">Priority and mode.</param>
    /// <exception cref="InvalidOperationException">It is bound already.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(EventTimer timer, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(timer);
        options.Validate();
        var node = new TimerSourceNode(this, timer, key, options);
        Register(node);
        if (timer.TryBind(node))
            return new Binding(node);
        Unbind(node);
        throw new InvalidOperationException("The timer is bound to a port already. Dispose that binding first.");
    }

    /// <summary>Binds the end of a process.</summary>
    /// <param name="process">One that this process has started. Its <see cref="Process.EnableRaisingEvents"/> is switched on.</param>
    /// <param name="key">What its packet carries. <see cref="Packet.Status"/> is its exit code.</param>
    /// <param name="options">Priority and mode. There is one packet; none in mode <see cref="TriggerMode.Edge"/> if it has ended before.</param>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(Process process, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(process);
        options.Validate();
        var node = new ProcessNode(this, process, key, options);
        return StartOrEnd(node, node.Start);
    }

    /// <summary>Binds a POSIX signal to this process.</summary>
    /// <param name="signal">Which. What it does by default, such as to end the process, does not happen while it is bound.</param>
    /// <param name="key">What its packets carry.</param>
    /// <param name="options">Priority and mode.</param>
    /// <exception cref="PlatformNotSupportedException">This system does not have it.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(PosixSignal signal, ulong key, BindingOptions options = default)
    {
        options.Validate();
        var node = new PosixSignalNode(this, signal, key, options);
        return StartOrEnd(node, node.Start);
    }

    /// <summary>Binds a socket: <see cref="Bind(SafeHandle, DescriptorEvents, ulong, BindingOptions)"/>.</summary>
    /// <param name="socket">In non-blocking mode, or a read may wait where another reader was first.</param>
    /// <param name="interest">What to report, beside errors and hang-ups.</param>
    /// <param name="key">What its packets carry.</param>
    /// <param name="options">Priority and mode.</param>
    public Binding Bind(Socket socket, DescriptorEvents interest, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Bind(socket.SafeHandle, interest, key, options);
    }

    /// <summary>Binds a descriptor.</summary>
    /// <param name="handle">One that epoll takes: no regular file. It stays the caller's; dispose the binding before it.</param>
    /// <param name="interest">What to report, beside errors and hang-ups.</param>
    /// <param name="key">What its packets carry; <see cref="Packet.Signals"/> are <see cref="DescriptorEvents"/>.</param>
    /// <param name="options">Priority and mode. In mode <see cref="TriggerMode.Edge"/> what it is ready for now is not
    /// reported, and the kernel is told once; in the others once for each packet.</param>
    /// <exception cref="IOException">The kernel refuses: EPERM for a regular file, EEXIST for a descriptor that is bound here already.</exception>
    /// <exception cref="NotSupportedException">This port uses no descriptors (<see cref="EventPortOptions.UsesKernel"/>).</exception>
    /// <exception cref="ObjectDisposedException">The port, or the handle, is disposed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Binding Bind(SafeHandle handle, DescriptorEvents interest, ulong key, BindingOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(handle);
        options.Validate();
        return Start(new DescriptorNode(this, DescriptorBackend, handle, interest, key, options), options.IsMasked);
    }

    /// <summary>The backend that takes descriptors.</summary>
    /// <exception cref="NotSupportedException">This port has none.</exception>
    internal EpollBackend DescriptorBackend => _backend as EpollBackend ?? throw new NotSupportedException(
        "This port uses no descriptors, and so takes none. Make it without EventPortOptions.UsesKernel = false, and "
        + $"without {EventPortOptions.BackendVariable}=managed.");

    /// <summary>Has the kernel watch a descriptor for a node.</summary>
    internal Binding Start(DescriptorNode node, bool isMasked)
    {
        node.Serial = Interlocked.Increment(ref _descriptorSerial);
        StartOrEnd(node, () =>
        {
            Errno errno = node.Start(isMasked);
            if (errno != Errno.None)
                throw new IOException($"The descriptor cannot be bound: {errno.Describe()}.");
        });
        if (node.Mode == TriggerMode.Edge)
            TakeFirstLook(node);
        return new Binding(node);
    }

    /// <summary>The descriptor that the kernel means.</summary>
    internal DescriptorNode? FindDescriptor(int number) => _registry.TryFind(number) as DescriptorNode;

    /// <summary>Registers a node and starts what it watches; a bind that fails leaves nothing.</summary>
    private Binding StartOrEnd(SourceNode node, Action start)
    {
        Register(node);
        try
        {
            start();
        }
        catch
        {
            Unbind(node);
            throw;
        }

        return new Binding(node);
    }

    /// <summary>What the kernel reports at once, because the descriptor is ready, is taken before the bind returns.</summary>
    private void TakeFirstLook(DescriptorNode node)
    {
        // The kernel gives the oldest reports first, and there are no more than sources.
        int most = _registry.Count / EpollBackend.EventsPerLook + 2;

        // A handler that this port's waiter runs has the baton, and nobody else looks before it returns.
        if (Volatile.Read(ref _loopVisitor) == Environment.CurrentManagedThreadId)
        {
            LookFor(node, most);
            return;
        }

        int visits = 0;
        long looks = Volatile.Read(ref _looks), wholeLooks = Volatile.Read(ref _wholeLooks);
        while (node.SkipsReport && !node.IsClosed && !Volatile.Read(ref _isDisposed))
        {
            if (TryTakeBaton())
            {
                LookFor(node, most);
                ReleaseBaton();
                return;
            }

            // The poller looks before it sleeps again. The first of its looks may have begun before the bind.
            if (Volatile.Read(ref _wholeLooks) > wholeLooks + 1 || Volatile.Read(ref _looks) > looks + most)
                node.EndFirstLook();

            // A handler may stay inside of the poller's turn for long: then what is ready now is reported after all.
            if (Volatile.Read(ref _loopVisitor) != 0 && ++visits == VisitsMax)
                node.EndFirstLook();
            _backend.Wake();
            Thread.Yield();
        }
    }

    /// <summary>The baton's holder: looks until a descriptor was reported, or all were.</summary>
    private void LookFor(DescriptorNode node, int most)
    {
        for (int i = 0; i < most && node.SkipsReport && !Look(); i++)
        {
        }

        node.EndFirstLook();
    }

    /// <summary>Posts a packet of the program's own.</summary>
    /// <param name="key">What it carries.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="status">What it carries.</param>
    /// <param name="priority">0, the highest, to 15.</param>
    /// <param name="spaceAvailable">Signalled once when there is room again, if there is none now.</param>
    /// <returns>False when <see cref="EventPortOptions.PostedMax"/> of them wait.</returns>
    /// <remarks>Never blocks. In steady state it allocates nothing.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The priority is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The port is disposed.</exception>
    public bool TryPost(
        ulong key, in PacketPayload payload = default, int status = 0, int priority = 7, Notification? spaceAvailable = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(priority);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, BindingOptions.LowestPriority);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return _posted.TryPost(new PostedPacket(key, status, priority, payload), spaceAvailable);
    }

    /// <summary>Has a timer looked at when its time has come.</summary>
    internal void Watch(TimerNode node, long dueNs)
    {
        if (dueNs == TimerNode.None)
            node.Withdraw();
        else if (Timers.Request(node, dueNs))
            WakePollers();
    }

    /// <summary>A timer whose binding has ended: it would lie in the wheel until its time.</summary>
    internal void Forsake(TimerNode node)
    {
        int count;
        lock (_forsaken)
        {
            _forsaken.Add(node);
            count = _forsaken.Count;
        }

        if (count <= SweepMin)
            return;
        if (TryTakeBaton())
        {
            AdvanceTimers(Deadline.Now);
            ReleaseBaton();
        }
        else if (count % SweepMin == 0)
        {
            _backend.Wake();
        }
    }

    /// <summary>The baton's holder.</summary>
    private void AdvanceTimers(long now)
    {
        Timers.Advance(now);
        if (_forsaken.Count == 0)
            return;
        lock (_forsaken)
        {
            foreach (TimerNode node in _forsaken)
                Timers.Cancel(node);
            _forsaken.Clear();
        }
    }
}
