// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A scenario found that the code under test did not keep a promise.</summary>
internal sealed class BrokenPromise(string what) : Exception(what);
