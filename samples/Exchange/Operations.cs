// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>What the exchange and its clients have agreed on.</summary>
internal static class Operations
{
    /// <summary>Request whose reply is the same bytes. The hostile program asks it before it attacks.</summary>
    internal const uint Echo = 1;

    /// <summary>Request: an <see cref="OrderRequest"/>; the reply is the order's number, 8 bytes.</summary>
    internal const uint Place = 2;

    /// <summary>Request: the number of an order, 8 bytes. No reply but the status.</summary>
    internal const uint Cancel = 3;

    /// <summary>Message: send me ticks from now on.</summary>
    internal const uint Subscribe = 4;

    /// <summary>Request: what does the exchange say that I did? The reply is a <see cref="Settlement"/>.</summary>
    internal const uint Settle = 5;

    /// <summary>Message to a client: a <see cref="Fill"/> of one of its orders. None is ever left out.</summary>
    internal const uint Fill = 16;

    /// <summary>Message to a client: the last price, 4 bytes. Who reads late gets the latest only.</summary>
    internal const uint Tick = 17;

    /// <summary>Why a request was refused. Statuses from 256 up belong to the application.</summary>
    internal const Status Malformed = (Status)256;

    /// <summary>The price is outside the band of today.</summary>
    internal const Status OutsideTheBand = (Status)257;

    /// <summary>The client has as many open orders as it may have.</summary>
    internal const Status TooManyOpen = (Status)258;

    /// <summary>The client has not read what it was told about its earlier orders.</summary>
    internal const Status ReadsTooLate = (Status)259;

    /// <summary>No such order is open: it was filled, or cancelled, or never was.</summary>
    internal const Status NotOpen = (Status)260;
}
