// SPDX-License-Identifier: MIT

using System.IO.MemoryMappedFiles;

namespace Gangway.Process.Peer;

/// <summary>
/// What was done for whom, in a mapped file: it outlives every process that writes it, however that ends. One lane for
/// each caller or sender, whose calls and messages are numbered from 1.
/// </summary>
/// <remarks>
/// Each word has one writer. It is written with one store, so at every instruction at which its writer may be killed it
/// holds the number before or the number after, and nothing else.
/// </remarks>
public sealed class Journal : IDisposable
{
    /// <summary>How many lanes there are. Lane 0 takes what names no lane.</summary>
    public const int LaneCount = 256;

    private const int WordsPerLane = 16;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _words;

    /// <summary>Opens the file, or makes it.</summary>
    public Journal(string path)
    {
        const long bytes = LaneCount * WordsPerLane * sizeof(long);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, bytes);
        _words = _file.CreateViewAccessor(0, bytes);
    }

    /// <summary>Reads a word.</summary>
    public long this[int lane, JournalWord word]
    {
        get => _words.ReadInt64(At(lane, word));
        set => _words.Write(At(lane, word), value);
    }

    /// <summary>Adds one to a word; for its only writer.</summary>
    public void Count(int lane, JournalWord word) => this[lane, word]++;

    /// <summary>Notes a number of a sequence: <paramref name="last"/> moves to it, and what it left out or had twice is counted.</summary>
    public void Note(int lane, long number, JournalWord last, JournalWord gaps, JournalWord repeats)
    {
        long before = this[lane, last];
        if (number <= before)
        {
            Count(lane, repeats);
        }
        else
        {
            if (number != before + 1)
            {
                Count(lane, gaps);
            }

            this[lane, last] = number;
        }
    }

    /// <summary>Forgets everything of a lane.</summary>
    public void Clear(int lane)
    {
        foreach (JournalWord word in Enum.GetValues<JournalWord>())
        {
            this[lane, word] = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _words.Dispose();
        _file.Dispose();
    }

    private static long At(int lane, JournalWord word)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)lane, (uint)LaneCount, nameof(lane));
        return ((lane * WordsPerLane) + (int)word) * sizeof(long);
    }
}
