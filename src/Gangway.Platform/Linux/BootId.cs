// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>The random number that the kernel draws at each boot: two processes with one boot id share a clock.</summary>
internal static class BootId
{
    /// <summary>How many bytes it has.</summary>
    internal const int Bytes = 16;

    private const string Path = "/proc/sys/kernel/random/boot_id";

    /// <summary>Reads it, in the order of its text.</summary>
    /// <param name="sixteenBytes">Where it goes; exactly 16 bytes.</param>
    /// <returns>False where /proc is not mounted or hides it.</returns>
    internal static bool TryRead(Span<byte> sixteenBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sixteenBytes.Length, Bytes);
        try
        {
            string text = File.ReadAllText(Path).Trim();
            return Guid.TryParseExact(text, "D", out Guid id)
                && id.TryWriteBytes(sixteenBytes, bigEndian: true, out _);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
