// SPDX-License-Identifier: MIT

using System.Numerics;

namespace Gangway;

/// <summary>What is ready at a port, by priority and in order of arrival.</summary>
/// <remarks><b>Threads:</b> the holder of the port's baton. <b>Cost:</b> one instruction finds the highest.</remarks>
internal sealed class ReadyQueues(int starvationBound)
{
    // Design:
    //
    // A bit for each queue that is not empty; the lowest set bit is the highest priority. When that many packets came from
    // it while something lower was ready, the next one comes from a lower queue, each of those in turn.

    private const int Queues = BindingOptions.LowestPriority + 1;

    private readonly SourceNode?[] _first = new SourceNode?[Queues];
    private readonly SourceNode?[] _last = new SourceNode?[Queues];
    private uint _ready;
    private int _passed;
    private int _lastStarved;

    /// <summary>Whether nothing is ready.</summary>
    internal bool IsEmpty => _ready == 0;

    /// <summary>Adds one behind those of its priority.</summary>
    internal void Add(SourceNode node) => AddAt(node.Priority, node);

    /// <summary>Takes the next one; null if none is ready.</summary>
    internal SourceNode? Take()
    {
        if (_ready == 0)
            return null;
        int priority = BitOperations.TrailingZeroCount(_ready);
        uint lower = _ready & (_ready - 1);
        if (lower == 0)
        {
            _passed = 0;
        }
        else if (++_passed > starvationBound)
        {
            _passed = 0;
            uint next = lower & (uint.MaxValue << _lastStarved << 1);
            priority = BitOperations.TrailingZeroCount(next != 0 ? next : lower);
            _lastStarved = priority;
        }

        SourceNode node = _first[priority]!;
        _first[priority] = node.NextInQueue;
        if (node.NextInQueue is null)
        {
            _last[priority] = null;
            _ready &= ~(1u << priority);
        }

        node.NextInQueue = null;
        return node;
    }

    /// <summary>Takes out all that fulfil a condition.</summary>
    internal void RemoveWhere(Predicate<SourceNode> condition, Action<SourceNode> onRemoved)
    {
        for (int priority = 0; priority < Queues; priority++)
        {
            SourceNode? node = _first[priority];
            _first[priority] = _last[priority] = null;
            _ready &= ~(1u << priority);
            while (node is not null)
            {
                SourceNode? next = node.NextInQueue;
                if (condition(node))
                    onRemoved(node);
                else
                    AddAt(priority, node);
                node = next;
            }
        }
    }

    private void AddAt(int priority, SourceNode node)
    {
        node.NextInQueue = null;
        if (_last[priority] is { } last)
            last.NextInQueue = node;
        else
            _first[priority] = node;
        _last[priority] = node;
        _ready |= 1u << priority;
    }
}
