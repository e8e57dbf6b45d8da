// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A scenario of a few lines, for tests of the explorer itself.</summary>
internal sealed class TinyScenario : Scenario
{
    internal TinyScenario(params Action<TinyScenario>[] threads)
    {
        for (int i = 0; i < threads.Length; i++)
        {
            Action<TinyScenario> body = threads[i];
            Thread($"thread{i}", i, () => body(this));
        }
    }

    internal PinnedWords Words { get; } = new(4);

    internal FakeFutex Futex { get; } = new();

    /// <summary>The low half of a word.</summary>
    internal ref uint Word32(int index) =>
        ref System.Runtime.CompilerServices.Unsafe.As<ulong, uint>(ref Words[index]);

    internal ulong Read(int index) => ExplorerMemory.Read(in Words[index], Order.RingPublish);

    internal void Write(int index, ulong value) => ExplorerMemory.Write(ref Words[index], value, Order.RingPublish);

    internal override void Reset()
    {
        Words.Clear();
        Futex.Reset();
    }
}
