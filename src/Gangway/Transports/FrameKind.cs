// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What a frame is.</summary>
internal enum FrameKind
{
    /// <summary>A one-way message.</summary>
    Message,

    /// <summary>A request that waits for a reply.</summary>
    Request,
}
