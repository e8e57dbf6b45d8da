// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;

namespace Gangway.Process.Tests.Hostile;

/// <summary>A well-behaved client with a lane, beside an attacker: each of its signals arrives once, and nothing that is not its own.</summary>
internal sealed class LaneVictim : IDisposable
{
    private readonly Endpoint _endpoint;
    private readonly NotificationSender _signals;
    private readonly Thread _thread;
    private readonly long[] _sent = new long[LaneCounts.Permitted];
    private volatile bool _stop;
    private volatile string? _complaint;
    private long _rounds;

    /// <summary>Connects and begins to signal.</summary>
    public LaneVictim(string address)
    {
        _endpoint = Domain.Connect(address, null, new EndpointOptions { LanesToSend = 1 });
        Span<byte> reply = stackalloc byte[4];
        Assert.True(_endpoint.Call(PeerOperation.Lane, [], reply, Deadline.After(Watchdog.Bound)).IsOk);
        _signals = _endpoint.SenderOf(BinaryPrimitives.ReadInt32LittleEndian(reply));
        _thread = new Thread(Run) { IsBackground = true, Name = "lane victim" };
        _thread.Start();
    }

    /// <summary>Signals that have arrived so far.</summary>
    public long Rounds => Volatile.Read(ref _rounds);

    /// <summary>Stops, and fails if anything was lost, doubled or another's.</summary>
    public void AssertUndisturbed()
    {
        long before = Rounds;
        Watchdog.Until(() => Rounds > before + 20 || _complaint is not null, "the victim's signals going on after the attack");
        _stop = true;
        Watchdog.Join(_thread);
        Assert.Null(_complaint);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        Watchdog.Join(_thread);
        _endpoint.Dispose();
    }

    private void Run()
    {
        while (!_stop && _complaint is null)
        {
            int bit = (int)(_rounds % LaneCounts.Permitted);
            _signals.Signal(1u << bit);
            _sent[bit]++;
            Deadline deadline = Deadline.After(Watchdog.Bound);
            while (_complaint is null && Arrived(bit) < _sent[bit])
            {
                if (deadline.HasPassed)
                    _complaint = $"signal {_rounds} did not arrive";
            }

            Volatile.Write(ref _rounds, _rounds + 1);
            if (_rounds % 16 == 0)
                Thread.Sleep(1); // The attacker, the server and we share few processors.
        }
    }

    /// <summary>How often a bit has arrived; all others have arrived as often as they were sent.</summary>
    private long Arrived(int bit)
    {
        Span<byte> reply = stackalloc byte[8 * LaneCounts.Permitted];
        CallResult result = _endpoint.Call(PeerOperation.Signals, [], reply, Deadline.After(Watchdog.Bound));
        if (!result.IsOk)
        {
            _complaint = $"a call ended with {result.Status}, the endpoint with {_endpoint.DisconnectReason} {_endpoint.DisconnectDetail}";
            return 0;
        }

        for (int i = 0; i < LaneCounts.Permitted; i++)
        {
            long arrived = BinaryPrimitives.ReadInt64LittleEndian(reply[(8 * i)..]);
            if (arrived > _sent[i] || (i != bit && arrived != _sent[i]))
                _complaint = $"bit {i} arrived {arrived} times, and was signalled {_sent[i]} times";
        }

        return BinaryPrimitives.ReadInt64LittleEndian(reply[(8 * bit)..]);
    }
}
