// SPDX-License-Identifier: MIT

namespace Gangway.Transports;

/// <summary>What a listener keeps of one peer process: its connections, and the memory that it may still map.</summary>
/// <remarks><b>Threads:</b> under the lock of the <see cref="AccountBook"/>.</remarks>
internal sealed class ProcessAccount
{
    /// <summary>Connections that are up.</summary>
    internal int Connections { get; set; }

    /// <summary>Bytes of ended connections that it did not say it unmapped, by who pays. One user as a rule.</summary>
    internal Dictionary<UserAccount, long> Kept { get; } = [];

    /// <summary>Who pays for the reactor's descriptor of the process; null while there is none.</summary>
    internal UserAccount? PaysReactor { get; set; }

    /// <summary>Who pays for the acceptor's; null while it does not watch.</summary>
    internal UserAccount? PaysWatch { get; set; }

    /// <summary>Whether nothing is left: it may be forgotten.</summary>
    internal bool IsIdle => Connections == 0 && Kept.Count == 0 && PaysWatch is null;
}
