// SPDX-License-Identifier: MIT

using Gangway.Bench.Calls;
using Gangway.Bench.Floors;
using Gangway.Bench.Harness;
using Gangway.Bench.Peers;

namespace Gangway.Bench.Roles;

/// <summary>The ways to talk that a pair of processes can be started with, by name.</summary>
internal static class Mechanism
{
    public const string Line = "line";
    public const string Futex = "futex";
    public const string StreamFloor = "stream-floor";
    public const string UnixSocket = "uds";
    public const string UnixSocketAsync = "uds-async";
    public const string Pipe = "pipe";
    public const string Tcp = "tcp";
    public const string Call = "call";
    public const string CallAsync = "callasync";
    public const string Stream = "stream";
    public const string Reconnect = "reconnect";
    public const string Fleet = "fleet";
    public const string Neighbour = "neighbour";
    public const string UnixSocketFleet = "fleet-uds";
    public const string FewLanes = "lanes-64";
    public const string ManyLanes = "lanes-262144";

    // The best that the run-time's sockets have: what was awaited goes on on the thread that saw the event.
    private static readonly KeyValuePair<string, string>[] s_inlineCompletions =
        [new("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")];

    /// <summary>Whether both sides map memory that the harness makes.</summary>
    public static bool UsesFloorMemory(string mechanism) => mechanism is Line or Futex or StreamFloor;

    /// <summary>What a process of this mechanism needs in its environment.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Environment(string mechanism) =>
        mechanism == UnixSocketFleet ? s_inlineCompletions : [];

    /// <summary>The replying side. <paramref name="hint"/> is the memory, or a directory for a socket file.</summary>
    public static Server Serve(string mechanism, string hint) => mechanism switch
    {
        Line => new CacheLineServer(hint),
        Futex => new FutexServer(hint),
        StreamFloor => new StreamFloorServer(hint),
        UnixSocket => new UnixSocketServer(hint),
        UnixSocketAsync => new UnixSocketAsyncServer(hint),
        Pipe => new PipeServer(hint),
        Tcp => new TcpServer(),
        Call or CallAsync or Stream or Reconnect => new GangwayServer(),
        Fleet or Neighbour => new GangwayFleetServer(hint),
        UnixSocketFleet => new UnixSocketFleetServer(hint),
        FewLanes or ManyLanes => new LaneServer(hint),
        _ => throw new BenchmarkException($"Unknown mechanism '{mechanism}'."),
    };

    /// <summary>The asking side, connected to what the server said its address is.</summary>
    public static Client Connect(string mechanism, string address) => mechanism switch
    {
        Line => new CacheLineClient(address),
        Futex => new FutexClient(address),
        StreamFloor => new StreamFloorClient(address),
        UnixSocket => new UnixSocketClient(address),
        UnixSocketAsync => new UnixSocketAsyncClient(address),
        Pipe => new PipeClient(address),
        Tcp => new TcpClient(address),
        Call => new GangwayCallClient(address),
        CallAsync => new GangwayAsyncClient(address),
        Stream => new GangwayStreamClient(address),
        Reconnect => new ReconnectingClient(address),
        Fleet => new GangwayFleetClient(address),
        Neighbour => new GangwayNeighbourClient(address),
        UnixSocketFleet => new UnixSocketFleetClient(address),
        FewLanes => new LaneClient(address, LaneServer.Active),
        ManyLanes => new LaneClient(address, LaneServer.LanesMax),
        _ => throw new BenchmarkException($"Unknown mechanism '{mechanism}'."),
    };
}
