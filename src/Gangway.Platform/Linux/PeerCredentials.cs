// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>Who connected, as the kernel noted it when the connection was made.</summary>
/// <param name="Uid">Effective user id.</param>
/// <param name="Gid">Effective group id.</param>
/// <param name="Pid">Process id, for messages: the number may belong to another process by now.</param>
internal readonly record struct PeerCredentials(uint Uid, uint Gid, int Pid);
