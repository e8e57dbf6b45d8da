// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>Several threads send through one baton, and whoever lets it go rings; the reactor sleeps in between.</summary>
internal sealed class SendersScenario : ConnectionScenario
{
    private readonly int _senders;
    private readonly int _each;
    private readonly bool _hasReader;
    private readonly int[] _next;
    private int _written;

    /// <param name="senders">How many threads send.</param>
    /// <param name="each">How many messages each of them sends.</param>
    /// <param name="hasReader">Whether the server's reactor runs beside them, or the ring is looked at in the end.</param>
    internal SendersScenario(int senders, int each, bool hasReader)
    {
        _senders = senders;
        _each = each;
        _hasReader = hasReader;
        _next = new int[senders];
        RunUntil(Client, Server, 0);
        Send(Client, 0, 8);
        for (int i = 0; i < senders; i++)
        {
            int sender = i;
            Thread($"sender{i}", ClientProcess, () => SendAll(sender));
        }

        if (hasReader)
            Thread("server", ServerProcess, Serve);
        MayDie(ClientProcess);
    }

    internal override void Check()
    {
        if (!_hasReader)
        {
            while (TryTake())
            {
            }
        }

        // What was queued dies with the process whose thread would have written it.
        int due = Dead == 0 ? _senders * _each : _written;
        Require(_next.Sum() >= due, $"{due} messages were sent, {_next.Sum()} were received");
    }

    protected override void Begin()
    {
        _next.AsSpan().Clear();
        _written = 0;
        Receive(Server);
    }

    private void SendAll(int sender)
    {
        for (int i = 0; i < _each; i++)
        {
            RecordSend sent = SendAndRing(Client, ServerSocket, sender * _each + i, 8);
            Require(sent is RecordSend.Written or RecordSend.Queued, "there was room");
            _written += sent == RecordSend.Written ? 1 : 0;
        }
    }

    private bool TryTake()
    {
        int number = Receive(Server);
        if (number < 0)
            return false;
        int sender = number / _each;
        Require(number % _each == _next[sender], $"record {number} came twice, or out of its sender's order");
        _next[sender]++;
        return true;
    }

    private void Serve()
    {
        bool isPeerDead = false;
        while (_next.Sum() < _senders * _each)
        {
            if (TryTake())
                continue;
            if (isPeerDead)
                return;
            Server.Sleeper.Announce();
            if (!Server.Reader.HasRecord(Order.SleepRecheck))
                isPeerDead = !ServerSocket.Wait();
            Server.Sleeper.Wake();
        }
    }
}
