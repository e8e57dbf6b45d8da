// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How an endpoint connects again by itself.</summary>
/// <remarks>
/// The first attempt follows the end of a connection at once, unless that was shorter than ten times <see cref="FirstDelay"/>, or ended with
/// <see cref="DisconnectReason.Revoked"/> or a fault: such a one counts as a failure. After each failure the wait doubles, up to
/// <see cref="MaxDelay"/>; each is made up to half shorter at random, so that the clients of a server that comes back do not come all at once.
/// </remarks>
public sealed record ReconnectOptions
{
    /// <summary>How long to wait after the first failure. Default: 10 ms. From 1 ms to 1 h.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest wait between two attempts. Default: 5 s. From <see cref="FirstDelay"/> to 1 h.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long without any answer <see cref="EndpointHandler.OnDisappear"/> comes. Default: 10 s. Up to 365 days. At once, where the
    /// kernel says that nobody serves the address.
    /// </summary>
    public TimeSpan DisappearAfter { get; init; } = TimeSpan.FromSeconds(10);

    internal void Validate()
    {
        var most = TimeSpan.FromHours(1);
        if (FirstDelay < TimeSpan.FromMilliseconds(1) || FirstDelay > most)
            throw new ArgumentException("Reconnect.FirstDelay is from 1 ms to 1 h.");
        if (MaxDelay < FirstDelay || MaxDelay > most)
            throw new ArgumentException("Reconnect.MaxDelay is from Reconnect.FirstDelay to 1 h.");
        if (DisappearAfter < TimeSpan.Zero || DisappearAfter > TimeSpan.FromDays(365))
            throw new ArgumentException("Reconnect.DisappearAfter is from zero to 365 days.");
    }
}
