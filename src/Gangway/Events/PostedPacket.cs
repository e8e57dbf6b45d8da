// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What a poster gives.</summary>
internal readonly record struct PostedPacket(ulong Key, int Status, int Priority, PacketPayload Payload);
