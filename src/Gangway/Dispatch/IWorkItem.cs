// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Something for <see cref="WorkThreads"/>. It is queued once at a time, and carries what it needs.</summary>
internal interface IWorkItem
{
    /// <summary>Does it. Contains what a program's code throws.</summary>
    void Execute();
}
