// SPDX-License-Identifier: MIT

using System.Buffers.Binary;
using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Calls;

/// <summary>The service of a server with many clients. The first operations are those that <c>tests/hostile</c> expects.</summary>
internal sealed class FleetHandler : EndpointHandler
{
    /// <summary>A call that is answered with its own bytes, on the spot.</summary>
    public const uint Echo = 1;

    /// <summary>A message that is dropped.</summary>
    public const uint Note = 2;

    /// <summary>A call with a count of 4 bytes: so many messages are sent back, as far as there is room; answers how many.</summary>
    public const uint Push = 4;

    /// <summary>A call with a number of microseconds, 8 bytes: the handler sleeps for so long, then answers with it.</summary>
    public const uint Slow = 16;

    /// <summary>As <see cref="Echo"/>, on the strand of its connection.</summary>
    public const uint EchoOnStrand = 17;

    /// <summary>As <see cref="Echo"/>, beside others of its connection.</summary>
    public const uint EchoConcurrent = 18;

    /// <summary>A call that is answered after a moment longer than a caller polls, by another thread than the reactor's.</summary>
    public const uint Pause = 19;

    private const int PauseMicroseconds = 300;

    /// <inheritdoc/>
    public override Dispatch DispatchOf(uint operation) => operation switch
    {
        EchoOnStrand => Dispatch.Strand,
        EchoConcurrent or Pause => Dispatch.Concurrent,
        _ => Dispatch.Inline,
    };

    /// <inheritdoc/>
    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        switch (transaction.Operation)
        {
            case Push when transaction.Request.Length == sizeof(uint):
                Span<byte> pushed = stackalloc byte[sizeof(uint)];
                BinaryPrimitives.WriteUInt32LittleEndian(
                    pushed, PushSome(endpoint, BinaryPrimitives.ReadUInt32LittleEndian(transaction.Request)));
                transaction.Complete(pushed);
                break;
            case Slow when transaction.Request.Length == sizeof(long):
                Nap.For(BinaryPrimitives.ReadInt64LittleEndian(transaction.Request));
                transaction.Complete(transaction.Request);
                break;
            case Pause:
                AnswerLater(transaction);
                break;
            default:
                ReadOnlySpan<byte> request = transaction.Request;
                transaction.Complete(request[..Math.Min(request.Length, Transaction.ReplyBytesMax)]);
                break;
        }
    }

    /// <summary>What <see cref="Pause"/> does.</summary>
    public static void AnswerLater(Transaction transaction)
    {
        Nap.For(PauseMicroseconds);
        transaction.Complete(Status.Ok);
    }

    private static uint PushSome(Endpoint endpoint, uint wanted)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        uint sent = 0;
        while (sent < wanted && endpoint.TrySend(Note, number) == Status.Ok)
        {
            sent++;
        }

        return sent;
    }
}
