// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Harness;
using Gangway.Bench.Roles;

namespace Gangway.Bench.Calls;

/// <summary>Gangway over shared memory with default options: awaited calls, one after the other or many at a time.</summary>
internal sealed class GangwayAsyncClient : Client
{
    private readonly Endpoint _endpoint;
    private readonly CallLoop _loop;

    public GangwayAsyncClient(string address)
    {
        _endpoint = Domain.Connect(address);
        _loop = new CallLoop(_endpoint, EchoHandler.Echo);
    }

    /// <inheritdoc/>
    public override Measurement Run(TimeSpan duration, Samples samples) =>
        Task.Run(() => _loop.RunTimedAsync(duration, samples)).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override Measurement RunCalls(int calls) => Task.Run(() => _loop.RunCallsAsync(calls)).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override string? Do(string[] command, Samples samples)
    {
        int number = command.Length < 2 ? 0 : int.Parse(command[1], CultureInfo.InvariantCulture);
        switch (command[0])
        {
            case "window":
                var duration = TimeSpan.FromMilliseconds(int.Parse(command[2], CultureInfo.InvariantCulture));
                return new WindowDriver([_endpoint], number, EchoHandler.Echo, CallLoop.LineBytes).Run(duration).ToLine();
            case "cancelled":
                return Task.Run(() => Unanswered.CancelAsync(_endpoint, number)).GetAwaiter().GetResult().ToLine();
            case "cancel-alone":
                return Unanswered.CancelAlone(number).ToLine();
            case "timedout":
                return Task.Run(() => Unanswered.TimeOutAsync(_endpoint, number)).GetAwaiter().GetResult().ToLine();
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override long Counter(string name) => GangwayCounters.Read(_endpoint, name);

    /// <inheritdoc/>
    public override void Dispose() => _endpoint.Dispose();
}
