// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>Who sends in a <see cref="SendPossibleScenario"/>.</summary>
/// <param name="Refused">How many threads send without waiting, and go on when they are told.</param>
/// <param name="Waiting">How many threads wait in place for room.</param>
/// <param name="Each">How many messages each of them sends.</param>
/// <param name="IsCredit">Whether it is message credits that are used up, else space.</param>
/// <param name="HasCaller">Whether a call is refused for lack of a slot, beside them.</param>
internal sealed record SendPossibleSetup(int Refused, int Waiting, int Each, bool IsCredit, bool HasCaller = false);
