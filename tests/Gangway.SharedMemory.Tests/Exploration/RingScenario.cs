// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>One thread sends some messages; the server's reactor takes them, and sleeps when there is none.</summary>
internal sealed class RingScenario : ConnectionScenario
{
    private readonly int[] _payloads;
    private int _sent;
    private int _received;

    /// <param name="startPlace">Where in the ring, one lap on, the first record starts.</param>
    /// <param name="payloads">The length of each message.</param>
    internal RingScenario(int startPlace, params int[] payloads)
    {
        _payloads = payloads;
        RunUntil(Client, Server, startPlace);
        Thread("sender", ClientProcess, SendAll);
        Thread("server", ServerProcess, Serve);
        MayDie(ClientProcess);
    }

    internal override void Check() =>
        Require(_received >= _sent, $"{_sent} messages were sent, {_received} were received");

    protected override void Begin() => _sent = _received = 0;

    private void SendAll()
    {
        for (int i = 0; i < _payloads.Length; i++)
        {
            Require(SendAndRing(Client, ServerSocket, i, _payloads[i]) == RecordSend.Written, "there was room");
            _sent++;
        }
    }

    private void Serve()
    {
        bool isPeerDead = false;
        while (_received < _payloads.Length)
        {
            int number = Receive(Server);
            if (number >= 0)
            {
                Require(number == _received, $"record {number} came when {_received} was due");
                _received++;
                continue;
            }

            if (isPeerDead)
                return;
            Server.Sleeper.Announce();
            if (!Server.Reader.HasRecord(Order.SleepRecheck))
                isPeerDead = !ServerSocket.Wait();
            Server.Sleeper.Wake();
        }
    }
}
