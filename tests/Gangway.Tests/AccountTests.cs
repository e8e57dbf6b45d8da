// SPDX-License-Identifier: MIT

using Gangway.Transports;

namespace Gangway.Tests;

/// <summary>The book of who has what: each limit below, at and above, and sums that come back to nothing.</summary>
[Rule("SE-03")]
public sealed class AccountTests(ITestOutputHelper output)
{
    private const uint Own = 7;
    private const long Bytes = ConnectionCost.Bytes;

    [Theory]
    [InlineData("MaxConnectionsPerUser", 3)]
    [InlineData("MaxHandshakesPerUser", 3)]
    [InlineData("MaxBytesPerUser", 3 * (int)Bytes)]
    [InlineData("MaxMappingsPerUser", 7)] // One too few for a fourth.
    [InlineData("MaxDescriptorsPerUser", 15)] // Handshakes, four each.
    public void User_AtALimit_IsRefusedByNameAndItsNeighbourIsNot(string option, int limit)
    {
        var options = new ListenerOptions();
        options = option switch
        {
            "MaxConnectionsPerUser" => options with { MaxConnectionsPerUser = limit },
            "MaxHandshakesPerUser" => options with { MaxHandshakesPerUser = limit },
            "MaxBytesPerUser" => options with { MaxBytesPerUser = limit },
            "MaxMappingsPerUser" => options with { MaxMappingsPerUser = limit },
            _ => options with { MaxDescriptorsPerUser = limit },
        };
        var book = new AccountBook(options, Own);
        ConnectionCharge[] three = [.. Enumerable.Range(0, 3).Select(i => Open(book, user: 8, process: (ulong)i))];

        for (int i = 0; i < 3; i++)
        {
            string? reason = book.TryOpen(Who(8, 9), out ConnectionCharge? none);
            Assert.Null(none);
            Assert.Contains("user 8", reason, StringComparison.Ordinal);
            Assert.Contains("ListenerOptions." + option, reason, StringComparison.Ordinal);
        }

        ConnectionCharge neighbour = Open(book, user: 9, process: 10);
        book.Close(three[0], isUnmapped: true);
        ConnectionCharge next = Open(book, user: 8, process: 11);
        foreach (ConnectionCharge charge in new[] { neighbour, next, three[1], three[2] })
            book.Close(charge, isUnmapped: true);
        Assert.Equal(default, book.Charged);
    }

    [Fact]
    public void Defaults_GiveTheOwnUserAllAndEachOtherAQuarter()
    {
        var options = new ListenerOptions { MaxConnections = 40, MaxHandshakes = 8 };
        UserQuota own = UserQuota.Of(options, isOwnUser: true), other = UserQuota.Of(options, isOwnUser: false);
        Assert.Equal((40, 8, 40 * Bytes, 80, 40 * 64), (own.Connections, own.Handshakes, own.Bytes, own.Mappings, own.Transactions));
        Assert.Equal((10, 2, 10 * Bytes, 20, 10 * 64), (other.Connections, other.Handshakes, other.Bytes, other.Mappings, other.Transactions));
        UserQuota least = UserQuota.Of(new ListenerOptions { MaxConnections = 1, MaxHandshakes = 1 }, isOwnUser: false);
        Assert.Equal((1, 1, Bytes), (least.Connections, least.Handshakes, least.Bytes));
        UserQuota most = UserQuota.Of(new ListenerOptions { MaxConnections = int.MaxValue, MaxHandshakes = int.MaxValue }, isOwnUser: true);
        Assert.True(most is { Mappings: > 1 << 29, Descriptors: > 1 << 29, Transactions: > 1 << 29 });
    }

    [Fact]
    [Rule("SH-07")]
    public void Bytes_OfAProcessThatDoesNotSay_StayUntilItIsGone()
    {
        var book = new AccountBook(new ListenerOptions { MaxBytesPerUser = 2 * Bytes }, Own);
        for (int i = 0; i < 2; i++)
            book.Close(Connected(book, 8, process: 1), isUnmapped: false);
        Assert.True(book.IsKept(1));
        book.Watching(1);
        Assert.Equal(new ListenerCharges(0, 2 * Bytes, 2 * Bytes, 0, 1, 0), book.Charged);
        Assert.Contains("MaxBytesPerUser", book.TryOpen(Who(8, 2), out _), StringComparison.Ordinal);
        ConnectionCharge neighbour = Connected(book, 9, process: 3);
        book.ProcessGone(1);
        Assert.False(book.IsKept(1));
        Assert.Equal(new ListenerCharges(1, Bytes, 0, 2, 2, 0), book.Charged);
        book.Close(neighbour, isUnmapped: true);
        book.Close(Connected(book, 8, process: 2), isUnmapped: true);
        Assert.Equal(default, book.Charged);
    }

    [Fact]
    [Rule("SH-07")]
    public void LastWord_AfterTheEnd_GivesBackOnce()
    {
        var book = new AccountBook(new ListenerOptions(), Own);
        ConnectionCharge left = Connected(book, 8, process: 1), other = Connected(book, 8, process: 1);
        book.Close(left, isUnmapped: false, holdsSocket: true);
        book.Close(left, isUnmapped: false, holdsSocket: true); // A second end changes nothing.
        Assert.Equal(new ListenerCharges(1, 2 * Bytes, Bytes, 2, 3, 0), book.Charged);
        book.Unmapped(left);
        book.Unmapped(left);
        book.SocketClosed(left);
        Assert.Equal(new ListenerCharges(1, Bytes, 0, 2, 2, 0), book.Charged);
        book.Close(other, isUnmapped: true);
        Assert.Equal(default, book.Charged);
    }

    [Fact]
    public void Transactions_OfManyThreads_NeverPassTheLimit()
    {
        const int limit = 5;
        var book = new AccountBook(new ListenerOptions { MaxTransactionsPerUser = limit }, Own);
        UserAccount account = Open(book, 8, 1).Account;
        for (int i = 0; i < limit; i++)
            Assert.True(account.TryBeginTransaction());
        Assert.False(account.TryBeginTransaction());
        Assert.Equal(limit, book.Charged.Transactions);
        account.EndTransaction();
        Assert.True(account.TryBeginTransaction());
        for (int i = 0; i < limit; i++)
            account.EndTransaction();

        int over = 0, refused = 0;
        int rounds = TestLevel.Pick(20_000, 200_000, 5_000_000);
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                if (!account.TryBeginTransaction())
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                if (account.Transactions > limit)
                    Interlocked.Increment(ref over);
                account.EndTransaction();
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => Watchdog.Join(thread));
        output.WriteLine($"{refused} were refused");
        Assert.Equal((0, 0), (over, account.Transactions));

        Assert.True(account.TryBeginTransaction());
        account.EndTransaction();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            account.TryBeginTransaction();
            account.EndTransaction();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // Any order of opening, connecting, closing, dying: the sums are what a plain count says, and end at nothing.
    [Fact]
    [Rule("SH-07")]
    public void Book_OfRandomComingAndGoing_AgreesWithAPlainCount()
    {
        Random random = Seed.Take(output).Random();
        var book = new AccountBook(new ListenerOptions { MaxConnections = 30, MaxHandshakes = 10, MaxBytesPerUser = 12 * Bytes }, Own);
        var open = new List<ConnectionCharge>();
        var kept = new Dictionary<ulong, long>();
        int steps = TestLevel.Pick(5_000, 50_000, 2_000_000);
        for (int i = 0; i < steps; i++)
        {
            ulong process = (ulong)random.Next(1, 9);
            switch (random.Next(4))
            {
                case 0 when book.TryOpen(Who((uint)process % 3, process), out ConnectionCharge? charge) is null:
                    open.Add(charge!);
                    break;
                case 1 when open.Find(static charge => !charge.IsConnected) is { } pending:
                    book.Connected(pending);
                    break;
                case 2 when open.Count != 0:
                    ConnectionCharge closed = open[random.Next(open.Count)];
                    open.Remove(closed);
                    bool isUnmapped = random.Next(2) == 0;
                    book.Close(closed, isUnmapped);
                    ulong key = closed.Identity.ProcessKey;
                    if (!isUnmapped && kept.TryAdd(key, 0))
                        book.Watching(key);
                    if (!isUnmapped)
                        kept[key] += Bytes;
                    break;
                case 3 when open.TrueForAll(charge => charge.Identity.ProcessKey != process):
                    book.ProcessGone(process);
                    kept.Remove(process);
                    break;
            }

            int handshakes = open.Count(static charge => !charge.IsConnected);
            int processes = open.Where(static charge => charge.IsConnected).Select(static charge => charge.Identity.ProcessKey).Distinct().Count();
            Assert.Equal(
                new ListenerCharges(
                    open.Count, open.Count * Bytes + kept.Values.Sum(), kept.Values.Sum(), 2 * open.Count,
                    4 * handshakes + open.Count - handshakes + processes + kept.Count, 0),
                book.Charged);
        }

        open.ForEach(charge => book.Close(charge, isUnmapped: true));
        foreach (ulong process in kept.Keys)
            book.ProcessGone(process);
        Assert.Equal(default, book.Charged);
    }

    private static PeerIdentity Who(uint user, ulong process) => new(user, user, (int)process, process);

    private static ConnectionCharge Open(AccountBook book, uint user, ulong process)
    {
        Assert.Null(book.TryOpen(Who(user, process), out ConnectionCharge? charge));
        return charge!;
    }

    private static ConnectionCharge Connected(AccountBook book, uint user, ulong process)
    {
        ConnectionCharge charge = Open(book, user, process);
        book.Connected(charge);
        return charge;
    }
}
