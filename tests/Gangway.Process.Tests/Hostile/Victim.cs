// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit.Sdk;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// A well-behaved client beside an attacker. It checks the content of every reply, and in the end that each of its
/// messages arrived once and in order.
/// </summary>
internal sealed class Victim : IDisposable
{
    private readonly Endpoint _endpoint;
    private readonly Thread _thread;
    private readonly Random _random;
    private readonly int _callsPerPause;
    private volatile bool _stop;
    private volatile string? _complaint;
    private long _calls;
    private ulong _messages;

    /// <summary>Connects and begins to call.</summary>
    /// <param name="address">Where.</param>
    /// <param name="random">For contents and lengths.</param>
    /// <param name="callsPerPause">How many calls it makes before it leaves the processor to others; fewer where there are many.</param>
    public Victim(string address, Random random, int callsPerPause = 256)
    {
        _random = random;
        _callsPerPause = callsPerPause;
        _endpoint = Patient.Connect(address);
        _thread = new Thread(Run) { IsBackground = true, Name = "victim" };
        _thread.Start();
    }

    /// <summary>Calls answered so far.</summary>
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>Messages sent so far.</summary>
    public long Messages => (long)Volatile.Read(ref _messages);

    /// <summary>Stops, and fails if anything was lost, doubled, reordered or changed.</summary>
    public void AssertUndisturbed()
    {
        long before = Calls;
        Watchdog.Until(() => Calls > before + 100 || _complaint is not null, "the victim's calls going on after the attack");
        _stop = true;
        Watchdog.Join(_thread);
        if (_complaint is null)
        {
            CheckTotals();
        }

        if (_complaint is not null)
        {
            throw new XunitException($"The victim was disturbed after {Calls} calls and {_messages} messages: {_complaint}");
        }
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
        Span<byte> request = stackalloc byte[Endpoint.PayloadBytesMax];
        while (!_stop && _complaint is null)
        {
            if (_calls % 4 == 0)
            {
                SendOne(request);
            }

            CallOne(request[.._random.Next(Transaction.ReplyBytesMax + 1)]);
            Volatile.Write(ref _calls, _calls + 1);
            if (_calls % _callsPerPause == 0)
            {
                Thread.Sleep(1); // The attacker, the server and we share few processors: this is no race to win.
            }
        }
    }

    private void SendOne(Span<byte> payload)
    {
        payload = payload[..(8 + _random.Next(Endpoint.PayloadBytesMax - 7))];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, _messages);
        Status status = _endpoint.Send(PeerOperation.Note, payload, Deadline.After(Watchdog.Bound));
        if (status != Status.Ok)
        {
            _complaint = $"a message ended with {status}, the endpoint with {_endpoint.DisconnectReason} {_endpoint.DisconnectDetail}";
            return;
        }

        _messages++;
    }

    private void CallOne(Span<byte> request)
    {
        Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
        _random.NextBytes(request);
        CallResult result = _endpoint.Call(PeerOperation.Echo, request, reply, Deadline.After(Watchdog.Bound));
        if (!result.IsOk)
        {
            _complaint = $"a call ended with {result.Status}, the endpoint with {_endpoint.DisconnectReason} {_endpoint.DisconnectDetail}";
        }
        else if (!reply[..result.Length].SequenceEqual(request))
        {
            _complaint = $"a reply of {result.Length} bytes is not what was sent ({request.Length} bytes)";
        }
    }

    private void CheckTotals()
    {
        Span<byte> reply = stackalloc byte[Transaction.ReplyBytesMax];
        CallResult result = _endpoint.Call(PeerOperation.Totals, [], reply, Deadline.After(Watchdog.Bound));
        ulong arrived = BinaryPrimitives.ReadUInt64LittleEndian(reply);
        ulong disorder = BinaryPrimitives.ReadUInt64LittleEndian(reply[16..]);
        if (!result.IsOk || arrived != _messages || disorder != 0)
        {
            _complaint = $"totals: {result.Status}, {arrived} of {_messages} messages arrived, {disorder} out of order";
        }
    }
}
