// SPDX-License-Identifier: MIT

namespace Gangway.Platform.Tests;

/// <summary>Which kernel runs here, for what newer ones do differently.</summary>
internal static class Kernel
{
    internal static bool IsAtLeast(int major, int minor) => Environment.OSVersion.Version >= new Version(major, minor);
}
