// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary><see cref="LoopWord{TMemory}"/>, or what it would be with a flaw.</summary>
internal sealed class FlawedLoopWord(TakeoverFlaw flaw)
{
    private readonly LoopWord<ExplorerMemory> _real = new();
    private readonly PinnedWords _word = new(1);

    /// <summary>What a snapshot puts back.</summary>
    internal LoopWord<ExplorerMemory> Real => _real;

    internal ulong Value => IsReal ? _real.Value : ExplorerMemory.Read(in _word[0], Order.TakeoverTake);

    private bool IsReal => flaw is not (TakeoverFlaw.NoNumber or TakeoverFlaw.WritesBack);

    internal void Reset() => _word.Clear();

    internal ulong Enter()
    {
        if (IsReal)
            return _real.Enter();
        ulong number = ExplorerMemory.Read(in _word[0], Order.TakeoverEnter) >> 2;
        ulong value = (flaw == TakeoverFlaw.NoNumber ? number : number + 1) << 2 | 1;
        ExplorerMemory.Write(ref _word[0], value, Order.TakeoverEnter);
        return value;
    }

    internal bool TryLeave(ulong entered)
    {
        if (IsReal)
            return _real.TryLeave(entered);
        if (flaw != TakeoverFlaw.WritesBack)
            return ExplorerMemory.CompareExchange(ref _word[0], entered & ~3UL, entered, Order.TakeoverLeave) == entered;
        bool isOurs = ExplorerMemory.Read(in _word[0], Order.TakeoverLeave) == entered;
        if (isOurs)
            ExplorerMemory.Write(ref _word[0], entered & ~3UL, Order.TakeoverLeave);
        return isOurs;
    }

    internal bool TryTake(ulong seen) => IsReal
        ? _real.TryTake(seen)
        : ExplorerMemory.CompareExchange(ref _word[0], seen & ~3UL | 2, seen, Order.TakeoverTake) == seen;

    internal void Begin()
    {
        if (IsReal)
            _real.Begin();
        else
            ExplorerMemory.Write(ref _word[0], ExplorerMemory.Read(in _word[0], Order.TakeoverEnter) & ~3UL, Order.TakeoverEnter);
    }
}
