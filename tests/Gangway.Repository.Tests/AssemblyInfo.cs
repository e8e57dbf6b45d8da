// SPDX-License-Identifier: MIT

// Process accounting sees the whole process, so its tests must not run beside others.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
