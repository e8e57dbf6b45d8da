// SPDX-License-Identifier: MIT

// Leaks and allocations are counted over the whole process, so no test may run beside another.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
