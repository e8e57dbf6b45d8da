// SPDX-License-Identifier: MIT

namespace Gangway.Samples.Exchange;

/// <summary>Matches orders by price, then by time. It knows nothing of clients or connections, and one thread uses it at a time.</summary>
internal sealed class OrderBook
{
    internal const int PriceMin = 900;
    internal const int PriceMax = 1100;

    private readonly LinkedList<Order>[] _buys = Levels();
    private readonly LinkedList<Order>[] _sells = Levels();

    /// <summary>The price of the last trade.</summary>
    internal int LastPrice { get; private set; } = (PriceMin + PriceMax) / 2;

    /// <summary>Counted, not remembered, so that it can be compared with what is.</summary>
    internal long OpenOrders => _buys.Sum(static level => (long)level.Count) + _sells.Sum(static level => (long)level.Count);

    internal static bool IsInBand(int price) => price is >= PriceMin and <= PriceMax;

    /// <summary>Trades an order with those that wait; what is left of it waits too.</summary>
    /// <param name="order">A new order.</param>
    /// <param name="onTrade">Told of each trade: the order that waited, and the quantity. Both orders are up to date by then.</param>
    internal void Place(Order order, Action<Order, Order, int> onTrade)
    {
        while (order.Left != 0 && BestAgainst(order) is { } waiting)
        {
            int quantity = Math.Min(order.Left, waiting.Left);
            order.Left -= quantity;
            waiting.Left -= quantity;
            LastPrice = waiting.Price;
            if (waiting.Left == 0)
                Remove(waiting);
            onTrade(order, waiting, quantity);
        }

        if (order.Left != 0)
            order.Place = (order.IsBuy ? _buys : _sells)[order.Price - PriceMin].AddLast(order);
    }

    /// <summary>Takes an order out that waits.</summary>
    internal static void Remove(Order order)
    {
        if (order.Place is { } place)
            place.List!.Remove(place);
        order.Place = null;
    }

    private Order? BestAgainst(Order order)
    {
        if (order.IsBuy)
        {
            for (int price = PriceMin; price <= order.Price; price++)
            {
                if (_sells[price - PriceMin].First is { } first)
                    return first.Value;
            }
        }
        else
        {
            for (int price = PriceMax; price >= order.Price; price--)
            {
                if (_buys[price - PriceMin].First is { } first)
                    return first.Value;
            }
        }

        return null;
    }

    private static LinkedList<Order>[] Levels() =>
        [.. Enumerable.Range(PriceMin, PriceMax - PriceMin + 1).Select(static _ => new LinkedList<Order>())];
}
