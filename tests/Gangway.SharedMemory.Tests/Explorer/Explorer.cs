// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What the threads of a scenario ask the model of the kernel, besides memory.</summary>
internal static class Explorer
{
    /// <summary>Whether the kernel has said that a process is dead: the socket's hang-up.</summary>
    internal static bool IsDead(int process)
    {
        Worker self = Self();
        self.Scheduler.EnterKernel(self, $"is process {process} dead?");
        return self.Scheduler.IsDead(process);
    }

    /// <summary>Blocks until a condition on the model's own state holds. It must not read simulated memory.</summary>
    internal static WaitEnd Park(Func<bool> condition, string what, bool mayTimeOut = false)
    {
        Worker self = Self();
        self.Scheduler.EnterKernel(self, what);
        return condition() ? WaitEnd.Happened : self.Scheduler.Block(self, condition, mayTimeOut);
    }

    internal static Worker Self() =>
        Worker.Current ?? throw new InvalidOperationException("Only a thread of a scenario may do this.");
}
