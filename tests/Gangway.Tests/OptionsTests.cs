// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>Options out of range are the caller's mistake: told at once, with the name of the option, and nothing is made.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, EndpointOptions> BadEndpointOptions => new()
    {
        { nameof(EndpointOptions.ConnectTimeout), new EndpointOptions { ConnectTimeout = TimeSpan.Zero } },
        { nameof(EndpointOptions.ConnectTimeout), new EndpointOptions { ConnectTimeout = TimeSpan.FromTicks(-1) } },
        { nameof(EndpointOptions.ConnectTimeout), new EndpointOptions { ConnectTimeout = Timeout.InfiniteTimeSpan } },
        { nameof(EndpointOptions.WaitStrategy), new EndpointOptions { WaitStrategy = (WaitStrategy)2 } },
        { nameof(EndpointOptions.WaitStrategy), new EndpointOptions { WaitStrategy = (WaitStrategy)(-1) } },
    };

    public static TheoryData<string, ListenerOptions> BadListenerOptions => new()
    {
        { nameof(ListenerOptions.MaxConnections), new ListenerOptions { MaxConnections = 0 } },
        { nameof(ListenerOptions.MaxConnections), new ListenerOptions { MaxConnections = int.MinValue } },
        { nameof(ListenerOptions.MaxHandshakes), new ListenerOptions { MaxHandshakes = 0 } },
        { nameof(ListenerOptions.MaxHandshakes), new ListenerOptions { MaxHandshakes = -1 } },
        { nameof(ListenerOptions.MaxConnectionsPerUser), new ListenerOptions { MaxConnectionsPerUser = 0 } },
        { nameof(ListenerOptions.MaxHandshakesPerUser), new ListenerOptions { MaxHandshakesPerUser = 0 } },
        { nameof(ListenerOptions.MaxTransactionsPerUser), new ListenerOptions { MaxTransactionsPerUser = 0 } },
        { nameof(ListenerOptions.MaxBytesPerUser), new ListenerOptions { MaxBytesPerUser = 57_343 } },
        { nameof(ListenerOptions.MaxMappingsPerUser), new ListenerOptions { MaxMappingsPerUser = 1 } },
        { nameof(ListenerOptions.MaxDescriptorsPerUser), new ListenerOptions { MaxDescriptorsPerUser = 3 } },
        { nameof(ListenerOptions.FaultPenalty), new ListenerOptions { FaultPenalty = TimeSpan.FromTicks(-1) } },
        { nameof(ListenerOptions.FaultPenalty), new ListenerOptions { FaultPenalty = TimeSpan.FromTicks(10_000_001) } },
        { nameof(ListenerOptions.HandshakeTimeout), new ListenerOptions { HandshakeTimeout = TimeSpan.Zero } },
        { nameof(ListenerOptions.HandshakeTimeout), new ListenerOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan } },
        { nameof(ListenerOptions.HandshakeTimeout), new ListenerOptions { HandshakeTimeout = TimeSpan.FromTicks(50_000_001) } },
    };

    [Theory]
    [MemberData(nameof(BadEndpointOptions))]
    public void Endpoint_WithABadOption_NamesIt(string name, EndpointOptions options)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Endpoint("shm:a", null, options));
        Assert.Equal(name, error.ParamName);
        Assert.Throws<ArgumentException>(() => Domain.Connect("shm:a", null, options));
    }

    [Theory]
    [MemberData(nameof(BadListenerOptions))]
    public void Listener_WithABadOption_NamesItAndTakesNoName(string name, ListenerOptions options)
    {
        string address = TestDirectory.NextAddress();
        ArgumentException error = Assert.Throws<ArgumentException>(() => Domain.Listen(address, ScriptedHandler.Echo(), options));
        Assert.Equal(name, error.ParamName);
        Assert.False(File.Exists(TestDirectory.PathOf(address) + ".lock"));
    }

    [Fact]
    public void Options_AtTheirBounds_AreTaken()
    {
        string address = TestDirectory.NextAddress();
        using Listener listener = Domain.Listen(address, ScriptedHandler.Echo(), new ListenerOptions
        {
            MaxConnections = 1,
            MaxHandshakes = 1,
            MaxConnectionsPerUser = 1,
            MaxHandshakesPerUser = 1,
            MaxTransactionsPerUser = 1,
            MaxBytesPerUser = 57_344,
            MaxMappingsPerUser = 2,
            MaxDescriptorsPerUser = 4,
            HandshakeTimeout = TimeSpan.FromSeconds(5),
        });
        using Endpoint client = Domain.Connect(address, null, new EndpointOptions { ConnectTimeout = TimeSpan.MaxValue });
        Assert.True(Watchdog.Run(() => client.Call(1, [], [])).IsOk);
    }
}
