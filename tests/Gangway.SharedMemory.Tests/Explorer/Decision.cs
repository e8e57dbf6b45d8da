// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>A choice that was not the default one, at a step of an execution.</summary>
internal readonly record struct Decision(int Step, Option Option);
