// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Floors;
using Gangway.Bench.Roles;
using Microsoft.Win32.SafeHandles;

namespace Gangway.Bench.Harness;

/// <summary>A server process and a client process that talk by one mechanism, idle between rounds.</summary>
internal sealed class Pair : IDisposable
{
    private readonly Child _server;
    private readonly Child _client;

    private Pair(Child server, Child client)
    {
        _server = server;
        _client = client;
    }

    /// <summary>The process that replies.</summary>
    public Child Server => _server;

    /// <summary>The process that asks and measures.</summary>
    public Child Client => _client;

    /// <summary>Starts both processes, connects and warms them.</summary>
    /// <param name="mechanism">A name that <see cref="Mechanism"/> knows.</param>
    /// <param name="placement">Where each may run.</param>
    /// <param name="warmUp">How long they talk before the first round, for the JIT to reach its last tier.</param>
    public static Pair Start(string mechanism, Placement placement, TimeSpan warmUp)
    {
        Progress.Say($"starting {mechanism}, {placement.Name}");
        using SafeFileHandle memory = FloorMemory.Create();
        using var scratch = new ScratchDirectory();
        string hint = Mechanism.UsesFloorMemory(mechanism) ? FloorMemory.PathOf(memory) : scratch.Path;
        Child server = Child.Start(placement.Server, Role.Server, mechanism, hint);
        Child? client = null;
        try
        {
            string address = server.Listen();
            client = Child.Start(placement.Client, Role.Client, mechanism, address);
            client.Listen();
            var pair = new Pair(server, client);
            pair.WarmUp(warmUp);
            return pair;
        }
        catch
        {
            client?.Dispose();
            server.Dispose();
            throw;
        }
    }

    /// <summary>One round of <paramref name="duration"/>.</summary>
    public Measurement Run(TimeSpan duration) => Round($"run {Milliseconds(duration)}");

    /// <summary>One round of <paramref name="calls"/> calls with a sleep of a millisecond before each.</summary>
    public Measurement RunPaced(int calls) => Round($"paced {calls}");

    /// <summary>One round of exactly <paramref name="calls"/> calls.</summary>
    public Measurement RunCalls(int calls) => Round($"calls {calls}");

    /// <summary>Processor time that both processes have used so far.</summary>
    public TimeSpan CpuTime() =>
        TimeSpan.FromMicroseconds(_server.AskNumber("cpu") + _client.AskNumber("cpu"));

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private static string Milliseconds(TimeSpan duration) =>
        ((int)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private void WarmUp(TimeSpan duration)
    {
        // Several short rounds, not one long: a method reaches its last tier by being called again.
        const int Rounds = 5;
        for (int i = 0; i < Rounds; i++)
        {
            Run(duration / Rounds);
        }
    }

    private Measurement Round(string command)
    {
        _server.Ask("round");
        return Measurement.Parse(_client.Ask(command));
    }
}
