// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

// Leaks are counted over the whole process, so no test may run beside another.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
[assembly: DisableRuntimeMarshalling]
