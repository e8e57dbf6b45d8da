// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using System.Diagnostics;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory with default options: one-way messages as fast as they are taken.</summary>
internal sealed class GangwayStreamClient(string address) : Client
{
    private readonly Endpoint _endpoint = Domain.Connect(address);
    private readonly byte[] _payload = new byte[GangwayCallClient.PayloadBytes];
    private long _sent;

    /// <inheritdoc/>
    public override Measurement RunCalls(int calls)
    {
        long start = Stopwatch.GetTimestamp();
        SendBlock(calls);
        AwaitHandled();
        return Measurement.OfThroughput(calls, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples)
    {
        long first = _sent;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        do
        {
            SendBlock(1000);
        }
        while (Stopwatch.GetTimestamp() < end);

        AwaitHandled();
        return Measurement.OfThroughput(_sent - first, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc/>
    public override long Counter(string name) => GangwayCounters.Read(_endpoint, name);

    /// <inheritdoc/>
    public override void Dispose() => _endpoint.Dispose();

    /// <summary>A call comes after the messages before it, so its reply says that all of them were handled.</summary>
    private void AwaitHandled()
    {
        Span<byte> reply = stackalloc byte[sizeof(long)];
        CallResult result = _endpoint.Call(EchoHandler.Count, [], reply);
        Check(result.IsOk && BinaryPrimitives.ReadInt64LittleEndian(reply) == _sent);
    }

    private void SendBlock(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_payload, ++_sent);
            Check(_endpoint.Send(EchoHandler.Note, _payload) == Status.Ok);
        }
    }
}
