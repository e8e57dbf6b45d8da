// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;

namespace Gangway.Tests;

/// <summary>What the pieces of one strand note, and whether they broke a promise.</summary>
internal sealed class StrandLog(int posters)
{
    internal int OnTheSpot;
    internal int Kept;
    internal int Queued;
    internal int Suspended;
    internal int EndedElsewhere;
    internal int PiecesBegun;

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly int[] _next = new int[posters];
    private int _inside;
    private bool _isHandlerOpen;

    /// <summary>Plain: the strand's turn guards it.</summary>
    internal int Pieces { get; private set; }

    /// <summary>Plain: the strand's turn guards it.</summary>
    internal int Started { get; private set; }

    internal string Failures => string.Join('\n', _failures.Take(5));

    public override string ToString() =>
        $"{Started} handlers in {Pieces} pieces: {OnTheSpot} on the spot ({Kept} in a turn that was kept), {Queued} queued, {Suspended} suspended, {EndedElsewhere} ended elsewhere";

    internal void BeginHandler(int poster, int number)
    {
        Require(!_isHandlerOpen, "a handler starts while another is suspended");
        Require(_next[poster] == number, $"poster {poster}: handler {number} starts, {_next[poster]} was due");
        _isHandlerOpen = true;
        _next[poster] = number + 1;
        Started++;
    }

    internal void EndHandler()
    {
        Require(_isHandlerOpen, "a handler ends that is not open");
        _isHandlerOpen = false;
    }

    /// <summary>A piece of the strand's code, which takes a moment.</summary>
    internal void Piece(Strand strand)
    {
        Interlocked.Increment(ref PiecesBegun);
        Require(Interlocked.Increment(ref _inside) == 1, "two pieces overlap");
        Require(strand.IsCurrent, "a piece runs outside of its strand");
        int pieces = Pieces;
        Thread.SpinWait(pieces & 31);
        Pieces = pieces + 1;
        Interlocked.Decrement(ref _inside);
    }

    internal void Require(bool holds, string promise)
    {
        if (!holds)
            _failures.Enqueue(promise);
    }
}
