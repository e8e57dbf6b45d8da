// SPDX-License-Identifier: MIT

namespace Gangway.Samples.WordCount;

/// <summary>What client and server have agreed on.</summary>
internal static class Operations
{
    /// <summary>Message: a piece of text, a line with its newline or a part of a long one.</summary>
    internal const uint Text = 1;

    /// <summary>Request without payload; the reply is three 64-bit numbers: lines, words, bytes.</summary>
    internal const uint Totals = 2;

    /// <summary>Request whose reply is the same bytes.</summary>
    internal const uint Echo = 3;
}
