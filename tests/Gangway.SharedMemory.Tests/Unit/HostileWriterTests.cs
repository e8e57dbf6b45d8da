// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>A writer that writes what it likes: the reader answers with a good record or PeerFault, and nothing else happens.</summary>
[Rule("SH-05")]
public sealed class HostileWriterTests(ITestOutputHelper output)
{
    private const ulong PadWord = 16 | 3 << 16;

    private static readonly int[] s_lengths = [0, 1, 15, 16, 17, 63, 64, 65, 128, 711, 712, 713, 8192, 0x7FFF, 0xFFFF];
    private static readonly byte[] s_kinds = [0, 1, 2, 3, 4, 127, 128, 255];
    private static readonly byte[] s_flags = [0, 1, 2, 4, 8, 15, 16, 0x1F, 0x80, 0xFF];

    private readonly byte[] _scratch = new byte[RecordHeader.RecordBytesMax];

    [Fact]
    public void FirstWord_EveryBoundaryValueAtEveryPlace_IsJudgedByTheTable()
    {
        int records = 0, faults = 0, pads = 0;
        using var connection = new Connection();
        for (int place = 0; place < SegmentLayout.RingBytes; place += SegmentLayout.LineBytes)
        {
            foreach (ulong word in FirstWords())
            {
                RingReader<ProcessMemory> reader = ReaderAt(connection, place);
                connection.Ring.Clear();
                connection.FirstWord(place) = word;
                ulong before = reader.Position;
                RingRead read = reader.TryRead(_scratch, out RecordHeader header);
                switch (Expected(word, place))
                {
                    case RingRead.Record:
                        Assert.Equal(RingRead.Record, read);
                        Assert.Equal(word, header.First);
                        Assert.Equal(before + (ulong)RecordHeader.OccupiedBytes(header.LengthBytes), reader.Position);
                        records++;
                        break;
                    case RingRead.Empty when word == 0:
                        Assert.Equal(RingRead.Empty, read);
                        Assert.Equal(before, reader.Position);
                        break;
                    case RingRead.Empty when word == PadWord:
                        Assert.Equal(RingRead.Empty, read);
                        Assert.Equal(before + (ulong)(SegmentLayout.RingBytes - place), reader.Position);
                        pads++;
                        break;
                    case RingRead.Empty:
                        // A pad with a wrong length or flag: skipped or refused, both keep every promise to us.
                        Assert.True(read is RingRead.Empty or RingRead.PeerFault);
                        break;
                    default:
                        Assert.True(read == RingRead.PeerFault, $"{word:X16} at {place} gave {read}");
                        Assert.Equal(before, reader.Position);
                        faults++;
                        break;
                }

                Assert.Equal(reader.Position, connection.Head);
            }
        }

        Assert.True(records > 1000 && faults > 10_000 && pads > 100, $"{records} records, {faults} faults, {pads} pads");
    }

    [Fact]
    public void Pad_AtTheStart_IsAFault()
    {
        using var connection = new Connection();
        connection.FirstWord(0) = PadWord;
        Assert.Equal(RingRead.PeerFault, connection.Reader.TryRead(_scratch, out _));
        Assert.Equal(0ul, connection.Head);
    }

    [Fact]
    public void Pads_TwoInARow_AreAFault()
    {
        using var connection = new Connection();
        connection.GoTo(SegmentLayout.RingBytes - SegmentLayout.LineBytes);
        connection.FirstWord(SegmentLayout.RingBytes - SegmentLayout.LineBytes) = PadWord;
        connection.FirstWord(0) = PadWord;
        Assert.Equal(RingRead.PeerFault, connection.Reader.TryRead(_scratch, out _));
    }

    [Fact]
    public void Ring_FullOfPads_FaultsAtOnce()
    {
        using var connection = new Connection();
        connection.GoTo(SegmentLayout.LineBytes);
        for (int place = 0; place < SegmentLayout.RingBytes; place += SegmentLayout.LineBytes)
            connection.FirstWord(place) = PadWord;
        Assert.Equal(RingRead.PeerFault, connection.Reader.TryRead(_scratch, out _));
    }

    [Fact]
    public void Scribbling_AMillionSteps_GivesGoodRecordsOrFaultsOnly() => Watchdog.Run(() =>
    {
        Random random = Seed.Take(output).Random();
        int steps = TestLevel.Pick(100_000, 1_000_000, 100_000_000);
        using var connection = new Connection();
        RingReader<ProcessMemory> reader = connection.Reader;
        int[] results = new int[3];
        for (int step = 0; step < steps; step++)
        {
            int place = random.Next(4) == 0
                ? random.Next(SegmentLayout.RingBytes / sizeof(ulong)) * sizeof(ulong)
                : (int)(reader.Position % SegmentLayout.RingBytes);
            connection.FirstWord(place) = RandomWord(random);
            results[(int)ReadChecked(reader, connection)]++;
            if (results[(int)RingRead.PeerFault] % 8 == 7)
                reader = ReaderAt(connection, random.Next(SegmentLayout.RingBytes / 64) * 64);
        }

        Assert.All(results, count => Assert.True(count > steps / 1000, string.Join(' ', results)));
    });

    [Fact]
    public void Scribbling_ByARacingThread_GivesGoodRecordsOrFaultsOnly()
    {
        Seed seed = Seed.Take(output);
        int steps = TestLevel.Pick(100_000, 700_000, 100_000_000);
        using var connection = new Connection();
        bool isDone = false;
        var scribbler = new Thread(() =>
        {
            Random random = seed.Random(1);
            while (!Volatile.Read(ref isDone))
            {
                int place = random.Next(3) == 0
                    ? random.Next(SegmentLayout.RingBytes / sizeof(ulong)) * sizeof(ulong)
                    : (int)(Volatile.Read(ref connection.Head) % SegmentLayout.RingBytes);
                Volatile.Write(ref connection.FirstWord(place), RandomWord(random));
            }
        })
        { IsBackground = true, Name = "scribbler" };
        scribbler.Start();
        Watchdog.Run(() =>
        {
            RingReader<ProcessMemory> reader = connection.Reader;
            int[] results = new int[3];
            for (int step = 0; step < steps; step++)
            {
                RingRead read = ReadChecked(reader, connection);
                results[(int)read]++;
                if (read == RingRead.PeerFault)
                    reader = ReaderAt(connection, (int)((reader.Position + 64) % SegmentLayout.RingBytes));
            }

            output.WriteLine(string.Join(' ', results));
            Assert.True(results[(int)RingRead.Record] > 0 && results[(int)RingRead.PeerFault] > 0, string.Join(' ', results));
        });
        Volatile.Write(ref isDone, true);
        Watchdog.Join(scribbler);
    }

    private RingRead ReadChecked(RingReader<ProcessMemory> reader, Connection connection)
    {
        ulong before = reader.Position;
        RingRead read = reader.TryRead(_scratch, out RecordHeader header);
        Assert.True(reader.Position % 64 == 0 && reader.Position >= before && reader.Position - before <= SegmentLayout.RingBytes + 768);
        Assert.Equal(reader.Position, connection.Head);
        if (read == RingRead.Record)
        {
            Assert.InRange(header.LengthBytes, RecordHeader.Bytes, RecordHeader.RecordBytesMax);
            Assert.True(header.Kind is RecordKind.Message or RecordKind.Request);
            Assert.Equal(RecordFlags.None, header.Flags & ~RecordFlags.All);
            Assert.Equal(header.First, BitConverter.ToUInt64(_scratch));
            Assert.Equal(header.Second, BitConverter.ToUInt64(_scratch, sizeof(ulong)));
        }

        return read;
    }

    /// <summary>A reader of the connection at a place: honest records lead it there.</summary>
    private static RingReader<ProcessMemory> ReaderAt(Connection connection, int place)
    {
        RingReader<ProcessMemory> reader = connection.NewReader();
        Volatile.Write(ref connection.Head, 0);
        RingPositions.Set(reader, (ulong)place);
        Volatile.Write(ref connection.Head, reader.Position);
        return reader;
    }

    private static IEnumerable<ulong> FirstWords()
    {
        yield return 0;
        yield return PadWord;
        foreach (byte kind in s_kinds)
        {
            foreach (byte flags in s_flags)
            {
                foreach (int length in s_lengths)
                    yield return (uint)length | (ulong)kind << 16 | (ulong)flags << 24 | 0xABCDul << 32;
            }
        }
    }

    private static RingRead Expected(ulong word, int place)
    {
        int length = (int)(word & 0xFFFF), kind = (byte)(word >> 16), flags = (byte)(word >> 24);
        if (word == 0)
            return RingRead.Empty;
        if (kind == 3)
            return place == 0 ? RingRead.PeerFault : RingRead.Empty;
        bool fits = length is >= 16 and <= 712 && place + (length + 63) / 64 * 64 <= SegmentLayout.RingBytes;
        return fits && flags < 16 && kind is 1 or 2 ? RingRead.Record : RingRead.PeerFault;
    }

    private static ulong RandomWord(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        2 => PadWord,
        _ => (uint)random.Next(10, 720) | (ulong)random.Next(1, 4) << 16 | (ulong)random.Next(17) << 24
            | (ulong)random.Next() << 32,
    };
}
