// SPDX-License-Identifier: MIT

using System.Buffers.Binary;

namespace Gangway.Samples.Exchange;

/// <summary>
/// The exchange: one order book, and an account for each connection. All its handlers run on one shared
/// <see cref="Gangway.Strand"/>, so nothing here needs a lock.
/// </summary>
internal sealed class ExchangeService : EndpointHandler, IDisposable
{
    private readonly OrderBook _book = new();
    private readonly Dictionary<Endpoint, Account> _accounts = [];
    private long _placed, _filled, _cancelled, _refused, _bought, _sold;

    /// <summary>What all its handlers run on.</summary>
    internal Strand Strand { get; } = new();

    /// <summary>Orders placed so far, as somebody outside of the strand may see it.</summary>
    internal long Placed => Volatile.Read(ref _placed);

    public override void OnConnect(Endpoint endpoint) => _accounts.Add(endpoint, new Account(endpoint));

    /// <summary>Whoever it was, however it ended: its open orders go.</summary>
    public override void OnDisconnect(Endpoint endpoint, DisconnectReason reason)
    {
        if (!_accounts.Remove(endpoint, out Account? account))
            return;
        foreach (Order order in account.Open.Values)
            OrderBook.Remove(order);
        _cancelled += account.Open.Count;
    }

    public override void OnSendPossible(Endpoint endpoint)
    {
        if (_accounts.TryGetValue(endpoint, out Account? account))
            account.OnSendPossible();
    }

    public override void OnMessage(Endpoint endpoint, Message message)
    {
        if (message.Operation == Operations.Subscribe)
            _accounts[endpoint].IsSubscribed = true;
    }

    public override void OnTransaction(Endpoint endpoint, Transaction transaction)
    {
        Account account = _accounts[endpoint];
        Span<byte> reply = stackalloc byte[Settlement.WireBytes];
        switch (transaction.Operation)
        {
            case Operations.Echo:
                transaction.Complete(transaction.Request[..Math.Min(transaction.Request.Length, Transaction.ReplyBytesMax)]);
                break;
            case Operations.Place:
                Status status = Place(account, transaction.Request, out long number);
                BinaryPrimitives.WriteInt64LittleEndian(reply, number);
                transaction.Complete(status, status == Status.Ok ? reply[..sizeof(long)] : []);
                break;
            case Operations.Cancel:
                transaction.Complete(Cancel(account, transaction.Request));
                break;
            case Operations.Settle:
                account.Settlement.Write(reply);
                transaction.Complete(reply);
                break;
            default:
                transaction.Complete(Status.Unimplemented);
                break;
        }
    }

    /// <summary>Sends the price to all who want it.</summary>
    internal void PublishPrice() => Strand.Post(_ =>
    {
        foreach (Account account in _accounts.Values)
        {
            if (account.IsSubscribed)
                account.Tell(_book.LastPrice);
        }
    });

    /// <summary>What became of all orders, and what was bought and sold: both are told to somebody else.</summary>
    internal Task<(Settlement All, long Bought, long Sold)> SettleAsync()
    {
        var settled = new TaskCompletionSource<(Settlement, long, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Strand.Post(_ => settled.SetResult(
            (new Settlement(_placed, _filled, _book.OpenOrders, _cancelled, _refused), _bought, _sold)));
        return settled.Task;
    }

    public void Dispose() => Strand.Dispose();

    private Status Place(Account account, ReadOnlySpan<byte> wire, out long number)
    {
        number = ++_placed;
        account.Placed++;
        Status status = !OrderRequest.TryRead(wire, out OrderRequest request) ? Operations.Malformed
            : !OrderBook.IsInBand(request.Price) ? Operations.OutsideTheBand
            : account.Open.Count >= Account.OpenOrdersMax ? Operations.TooManyOpen
            : account.ReadsTooLate ? Operations.ReadsTooLate
            : Status.Ok;
        if (status != Status.Ok)
        {
            account.Refused++;
            _refused++;
            return status;
        }

        var order = new Order(number, account, request);
        account.Open.Add(number, order);
        _book.Place(order, OnTrade);
        return Status.Ok;
    }

    private Status Cancel(Account account, ReadOnlySpan<byte> wire)
    {
        if (wire.Length != sizeof(long))
            return Operations.Malformed;
        if (!account.Open.Remove(BinaryPrimitives.ReadInt64LittleEndian(wire), out Order? order))
            return Operations.NotOpen;
        OrderBook.Remove(order);
        account.Cancelled++;
        _cancelled++;
        return Status.Ok;
    }

    private void OnTrade(Order taker, Order maker, int quantity)
    {
        foreach (Order order in (ReadOnlySpan<Order>)[taker, maker])
        {
            if (order.IsBuy)
                _bought += quantity;
            else
                _sold += quantity;
            if (order.Left == 0)
            {
                order.Owner.Open.Remove(order.Number);
                order.Owner.Filled++;
                _filled++;
            }

            order.Owner.Tell(new Fill(order.Number, quantity, order.Left));
        }
    }
}
