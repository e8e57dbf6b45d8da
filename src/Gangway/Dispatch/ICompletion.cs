// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>A call that has its result, and whose caller goes on now.</summary>
internal interface ICompletion
{
    /// <summary>Lets the caller go on.</summary>
    /// <param name="mayRunHere">Whether its code may run on this thread; else it runs on the thread pool.</param>
    void Complete(bool mayRunHere);
}
