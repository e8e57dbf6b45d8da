// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>One thing that may happen next.</summary>
/// <param name="Kind">What.</param>
/// <param name="Index">Of the thread, or of the process for <see cref="OptionKind.Notice"/>.</param>
/// <param name="Count">For <see cref="OptionKind.Flush"/>: through which of the stores to the cell.</param>
internal readonly record struct Option(OptionKind Kind, int Index, int Count = 0);
