// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Process.Peer;
using Gangway.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Gangway.Process.Tests.Kills;

/// <summary>A process dies in the middle of signalling lanes.</summary>
[Rule("EV-02")]
[Rule("EV-25")]
[Rule("SH-01")]
public sealed class SignalKillTests(ITestOutputHelper output)
{
    private const int Lanes = 60;
    private const int InstructionsMax = 3_000;

    // Whatever it is killed at: what was signalled before is delivered, and each lane's sender is gone once.
    [NeedsTheory(Need.Gcc | Need.Root)]
    [InlineData(false)]
    [InlineData(true)]
    public void Sender_KilledAtAnInstruction_LosesNoSignalThatReturned(bool portServes)
    {
        Random random = Seed.Take(output).Random();
        int count = TestLevel.Pick(2, 8, 3_000);
        for (int i = 0; i < count; i++)
        {
            using var room = new JournalRoom();
            using var port = new EventPort();
            using Listener listener = Domain.Listen(
                room.Address, new Granting(port), new ListenerOptions { Reactor = new ReactorOptions { Port = portServes ? port : null } });
            var receiver = new Receiver(port, room.Journal);
            using ChildProcess client = PeerProgram.Start(
                "signal", room.Address, room.JournalPath, Lanes.ToString(CultureInfo.InvariantCulture), random.Next().ToString(CultureInfo.InvariantCulture));
            client.ReadLineStarting("connected");
            string place = Killer.AtInstruction(client.Id, "signals-0", Instructions.Pick(random, InstructionsMax));
            client.WaitForExit();
            Watchdog.Join(receiver.Thread);

            for (int lane = 0; lane < Lanes; lane++)
            {
                Assert.True(receiver.Gone[lane] == 1, $"Killed at {place}: lane {lane} had {receiver.Gone[lane]} times SenderGone");
                Assert.True(
                    receiver.Seen[lane] >= room.Journal[lane, JournalWord.Answered],
                    $"Killed at {place}: lane {lane} was signalled {room.Journal[lane, JournalWord.Answered]} times, and {receiver.Seen[lane]} is the last that was seen");
            }

            Assert.Equal(0, listener.Statistics.PeerFaults);
            output.WriteLine($"{place}: {receiver.Packets} packets");
        }
    }

    /// <summary>Grants lanes that lead to a port.</summary>
    private sealed class Granting(EventPort port) : EndpointHandler
    {
        public override void OnTransaction(Endpoint endpoint, Transaction transaction)
        {
            int count = BitConverter.ToInt32(transaction.Request);
            for (int i = 0; i < count; i++)
            {
                var notification = new Notification();
                port.Bind(notification, (ulong)i, new BindingOptions { Mode = TriggerMode.Edge });
                endpoint.Grant(notification);
            }

            transaction.Complete([]);
        }
    }

    /// <summary>Takes packets until all senders are gone.</summary>
    private sealed class Receiver
    {
        private readonly EventPort _port;
        private readonly Journal _journal;

        internal Receiver(EventPort port, Journal journal)
        {
            _port = port;
            _journal = journal;
            Thread = new Thread(Run) { IsBackground = true, Name = "receiver" };
            Thread.Start();
        }

        internal Thread Thread { get; }

        internal long[] Seen { get; } = new long[Lanes];

        internal int[] Gone { get; } = new int[Lanes];

        internal long Packets { get; private set; }

        private void Run()
        {
            var packets = new Packet[16];
            int left = Lanes;
            while (left > 0)
            {
                foreach (Packet packet in packets.AsSpan(0, _port.Wait(packets, Deadline.After(2 * Watchdog.Bound))))
                {
                    Packets++;
                    int lane = (int)packet.Key;
                    if ((packet.Signals & 1) != 0)
                    {
                        Seen[lane] = _journal[lane, JournalWord.Posted];
                    }

                    if ((packet.Signals & NotificationSender.SenderGone) != 0)
                    {
                        Gone[lane]++;
                        left--;
                    }
                }
            }
        }
    }
}
