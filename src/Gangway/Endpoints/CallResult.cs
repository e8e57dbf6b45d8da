// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>What came back from a call.</summary>
/// <param name="Status">How it went.</param>
/// <param name="Length">
/// Bytes of the reply: in the caller's buffer if <paramref name="Status"/> is not <see cref="Status.ReplyTooLarge"/>.
/// </param>
public readonly record struct CallResult(Status Status, int Length)
{
    /// <summary>Whether the status is <see cref="Status.Ok"/>.</summary>
    public bool IsOk => Status == Status.Ok;
}
