// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How a loop at home can be run wrongly.</summary>
internal enum HomeFlaw
{
    None,

    /// <summary>Who needs the loop sends it away once, and does not hold it there.</summary>
    NeedIsNotHeld,

    /// <summary>Who needs the loop counts, and does not look whether it is at home.</summary>
    NeedGivesNobody,

    /// <summary>The poller does not wake whom it calls.</summary>
    CallsSilently,

    /// <summary>Who stands in sleeps although it was called.</summary>
    SleepsThoughCalled,

    /// <summary>A loop that comes home does not wake the poller.</summary>
    ReturnsSilently,

    /// <summary>A need that ends does not wake who stands in.</summary>
    NeedEndsSilently,

    /// <summary>The poller rests without a last look at what was asked.</summary>
    RestsWithoutLook,

    /// <summary>The poller rests without a fence before that look.</summary>
    RestsWithoutFence,

    /// <summary>Who takes the loop from the poller's handler does not say that it is away.</summary>
    TakesSilently,
}
