// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>An address could not be served or reached. The message says what failed, why, and what to try.</summary>
public sealed class GangwayException : IOException
{
    /// <summary>Says what failed.</summary>
    /// <param name="error">The kind of failure, for programs.</param>
    /// <param name="address">The address as it was given.</param>
    /// <param name="message">What failed, why, and what to try: for people.</param>
    public GangwayException(ConnectError error, string address, string message)
        : base(message)
    {
        Error = error;
        Address = address;
    }

    /// <summary>The kind of failure.</summary>
    public ConnectError Error { get; }

    /// <summary>The address as it was given.</summary>
    public string Address { get; }

    /// <summary>Whether it was the listening side that said so: then there is one.</summary>
    internal bool IsAnswer { get; init; }
}
