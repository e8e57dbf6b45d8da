// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A thread of a scenario.</summary>
/// <param name="Name">For traces.</param>
/// <param name="Process">Threads of one process are killed together.</param>
/// <param name="Body">What it does, once per execution.</param>
internal sealed record ScenarioThread(string Name, int Process, Action Body);
