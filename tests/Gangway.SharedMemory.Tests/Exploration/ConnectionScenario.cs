// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.SharedMemory.Tests;

/// <summary>A client and a server with the production types of both sides, two segments and the socket between them.</summary>
internal abstract class ConnectionScenario : Scenario
{
    // Design:
    //
    // What SharedMemoryLink does with these types is done here in the same order: its own calls go to the system, so it
    // cannot run on the explorer's memory itself.

    protected const int ClientProcess = 0;
    protected const int ServerProcess = 1;

    /// <summary>The message in the ring that is full.</summary>
    protected const int BacklogNumber = 63;

    private const int BacklogPayloadBytes = 400;

    private readonly TestSegment _clientSegment;
    private readonly TestSegment _serverSegment;
    private readonly byte[] _scratch = new byte[RecordHeader.RecordBytesMax];
    private Snapshot? _snapshot;

    protected ConnectionScenario(int slotCount = SegmentLayout.SlotCount)
    {
        _clientSegment = new TestSegment("client", Labels);
        _serverSegment = new TestSegment("server", Labels);
        Client = new Side(_clientSegment.Segment, _serverSegment.Segment, slotCount);
        Server = new Side(_serverSegment.Segment, _clientSegment.Segment);
    }

    protected Side Client { get; }

    protected Side Server { get; }

    /// <summary>Wakes the server's reactor.</summary>
    protected FakeSocket ServerSocket { get; } = new("server's socket", ClientProcess);

    /// <summary>Wakes the client's reactor.</summary>
    protected FakeSocket ClientSocket { get; } = new("client's socket", ServerProcess);

    protected FakeFutex Futex { get; } = new();

    internal sealed override void Reset()
    {
        if (_snapshot is null)
        {
            _clientSegment.Remember();
            _serverSegment.Remember();
            _snapshot = new Snapshot(Labels, ("client", Client), ("server", Server));
        }

        _clientSegment.Restore();
        _serverSegment.Restore();
        _snapshot.Restore();
        ServerSocket.Reset();
        ClientSocket.Reset();
        Futex.Reset();
        Begin();
    }

    /// <summary>Puts the scenario's own state back.</summary>
    protected abstract void Begin();

    /// <summary>A message whose bytes all follow from its number.</summary>
    protected static RecordSend Send(Side side, int number, int payloadBytes)
    {
        Span<byte> payload = stackalloc byte[payloadBytes];
        Fill(payload, number);
        RecordHeader header = new(
            RecordKind.Message, RecordFlags.None, RecordHeader.Bytes + payloadBytes, (uint)number, number & 63, (ulong)number);
        return side.Sender.TrySend(header, [], payload);
    }

    /// <summary>Sends as the link does, bell included.</summary>
    protected static RecordSend SendAndRing(Side side, FakeSocket peer, int number, int payloadBytes)
    {
        RecordSend sent = Send(side, number, payloadBytes);
        Require(sent != RecordSend.PeerFault, "an honest peer is not taken for a liar");
        if (sent == RecordSend.Written)
            RingIfAsleep(side, peer);
        return sent;
    }

    protected static void RingIfAsleep(Side side, FakeSocket peer)
    {
        if (!side.Bell.MustRing(out uint sleep))
            return;
        peer.Send();
        side.Bell.MarkRung(sleep);
    }

    /// <summary>Takes a record and checks each byte of it.</summary>
    /// <returns>The record's number; -1 when there was none.</returns>
    protected int Receive(Side side)
    {
        switch (side.Reader.TryRead(_scratch, out RecordHeader header))
        {
            case RingRead.Empty:
                return -1;
            case RingRead.PeerFault:
                throw new BrokenPromise("the reader found a record that nobody wrote");
        }

        int number = (int)header.Operation;
        bool isWhole = header.Kind == RecordKind.Message && header.Slot == (number & 63) && header.Generation == (ulong)number;
        foreach (byte value in _scratch.AsSpan(RecordHeader.Bytes, header.LengthBytes - RecordHeader.Bytes))
            isWhole &= value == PayloadByte(number);
        Require(isWhole, $"record {number} is torn");
        return number;
    }

    /// <summary>Fills rings of an earlier lap, so that what lies in them is no zero by chance.</summary>
    /// <param name="side">Who writes.</param>
    /// <param name="reader">Who reads it all.</param>
    /// <param name="untilPlace">Where in the ring the next record starts: a multiple of 64.</param>
    protected void RunUntil(Side side, Side reader, int untilPlace)
    {
        for (int lap = 0; lap < 2; lap++)
        {
            int end = lap * SegmentLayout.RingBytes + (lap == 0 ? SegmentLayout.RingBytes : untilPlace);
            while (true)
            {
                int left = end - (int)reader.Reader.Position;
                if (left == 0)
                    break;
                int bytes = Math.Min(left, SegmentLayout.InlineBytes) - RecordHeader.Bytes;
                Require(Send(side, 0x5a5a5a, bytes) == RecordSend.Written, "set-up");
                Require(Receive(reader) == 0x5a5a5a, "set-up");
                Complete(reader);
            }
        }
    }

    /// <summary>All credits are taken, all messages read, none completed.</summary>
    protected void UseUpCredits()
    {
        for (int i = 0; i < SegmentLayout.MessageCredits; i++)
        {
            Require(Send(Client, i, 8) == RecordSend.Written, "set-up");
            Require(Receive(Server) == i, "set-up");
        }

        Require(Client.Sender.Window.TryRefresh(), "set-up");
    }

    /// <summary>
    /// One message is in the ring. Other threads have taken so much space, and are preempted before they write, that the
    /// largest message fits just when that one is read, and none of ours before.
    /// </summary>
    protected void UseUpSpace()
    {
        Require(Send(Client, BacklogNumber, BacklogPayloadBytes) == RecordSend.Written, "set-up");
        while (Client.Sender.Window.Recheck(0) == Admission.Admitted)
            TakeLine();
        int backlog = RecordHeader.OccupiedBytes(RecordHeader.Bytes + BacklogPayloadBytes);
        for (int taken = SegmentLayout.LineBytes; taken < backlog; taken += SegmentLayout.LineBytes)
            TakeLine();
    }

    private void TakeLine() => Require(
        Client.Sender.Window.TryAdmit(SegmentLayout.LineBytes, 0) == Admission.Admitted, "set-up");

    /// <summary>Gives a message's credit back.</summary>
    protected static void Complete(Side side)
    {
        side.Completed++;
        ExplorerMemory.Write(ref side.Own.Word64(SegmentLayout.DoneOffset), side.Completed, Order.RingDone);
    }

    protected static void Fill(Span<byte> payload, int number) => payload.Fill(PayloadByte(number));

    protected static byte PayloadByte(int number) => (byte)(0xa0 + number);
}
