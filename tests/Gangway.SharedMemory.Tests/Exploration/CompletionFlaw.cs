// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How the credits of completed messages can be given back wrongly.</summary>
internal enum CompletionFlaw
{
    None,

    /// <summary>Who completes a message looks whether the connection is parked before the message is counted.</summary>
    LooksBeforeCount,

    /// <summary>The connection is parked without a look at the count.</summary>
    ParksWithoutLook,

    /// <summary>The connection is marked as parked behind the last look.</summary>
    MarksBehindLook,

    /// <summary>Credits are published without a look at the peer's wish.</summary>
    PublishesSilently,
}
