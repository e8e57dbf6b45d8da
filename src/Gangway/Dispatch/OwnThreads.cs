// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Makes the threads that run handlers.</summary>
internal static class OwnThreads
{
    /// <summary>For tests: gets the name of each thread, and throws where the system shall have none to give.</summary>
    internal static Action<string>? Starting;

    /// <summary>Starts a thread, without the ambient state of its maker.</summary>
    /// <exception cref="OutOfMemoryException">What the runtime says when the kernel gives no thread.</exception>
    internal static Thread Start(ThreadStart run, string name)
    {
        Volatile.Read(ref Starting)?.Invoke(name);
        var thread = new Thread(run) { Name = name, IsBackground = true };
        thread.UnsafeStart();
        return thread;
    }
}
