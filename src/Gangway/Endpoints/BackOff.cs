// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How long to wait before the next attempt.</summary>
internal sealed class BackOff(ReconnectOptions options)
{
    private TimeSpan _next = options.FirstDelay;

    /// <summary>An attempt has come to something.</summary>
    internal void Reset() => _next = options.FirstDelay;

    /// <summary>The wait after one more failure: up to half shorter than its nominal value, at random.</summary>
    internal TimeSpan Next()
    {
        TimeSpan nominal = _next;
        _next = nominal * 2 < options.MaxDelay ? nominal * 2 : options.MaxDelay;
        return nominal * (1 - Random.Shared.NextDouble() / 2);
    }
}
