// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A thread writes data, then a flag; the other reads the flag, then the data.</summary>
internal sealed class MessagePassing : Scenario
{
    private readonly PinnedWords _words = new(2);
    private bool _sawFlag;

    internal MessagePassing()
    {
        Thread("writer", 0, () =>
        {
            ExplorerMemory.Write(ref _words[0], 42, Order.RingPayload);
            ExplorerMemory.Write(ref _words[1], 1, Order.RingPublish);
        });
        Thread("reader", 1, () =>
        {
            if (ExplorerMemory.Read(in _words[1], Order.RingPublish) == 0)
                return;
            _sawFlag = true;
            Require(ExplorerMemory.Read(in _words[0], Order.RingPayload) == 42, "the flag was there before the data");
        });
    }

    internal bool EverSawFlag { get; private set; }

    internal override void Reset()
    {
        _words.Clear();
        _sawFlag = false;
    }

    internal override void Check() => EverSawFlag |= _sawFlag;
}
