// SPDX-License-Identifier: MIT

using Xunit.Sdk;

namespace Gangway.Testing;

/// <summary>Something that must end did not end.</summary>
/// <param name="message">What did not end, and what the threads of this process were doing.</param>
public sealed class WatchdogException(string message) : XunitException(message);
