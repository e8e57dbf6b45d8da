// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>An order that was taken.</summary>
internal sealed class Order(long number, Account owner, OrderRequest request)
{
    internal long Number { get; } = number;

    internal Account Owner { get; } = owner;

    internal bool IsBuy { get; } = request.IsBuy;

    internal int Price { get; } = request.Price;

    /// <summary>What is still to be traded.</summary>
    internal int Left { get; set; } = request.Quantity;

    /// <summary>Where it waits in the book; null when it does not.</summary>
    internal LinkedListNode<Order>? Place { get; set; }
}
