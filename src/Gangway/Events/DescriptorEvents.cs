// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a descriptor is ready for. The values are those of <c>EPOLLIN</c> and its like.</summary>
[Flags]
public enum DescriptorEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something can be read, or the end of the stream.</summary>
    Readable = 0x001,

    /// <summary>Something can be written.</summary>
    Writable = 0x004,

    /// <summary>An error. Always reported.</summary>
    Error = 0x008,

    /// <summary>Both directions are shut. Always reported.</summary>
    HangUp = 0x010,

    /// <summary>The peer closed, or shut its sending direction.</summary>
    PeerHangUp = 0x2000,
}
