// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Floors;

/// <summary>A floor server that spins during a round and sleeps between rounds.</summary>
/// <remarks>The harness begins a round; the client's last record ends it.</remarks>
internal abstract class SpinningServer(string address) : FloorServer(address)
{
    private readonly SemaphoreSlim _rounds = new(0);

    /// <inheritdoc/>
    public override void BeginRound() => _rounds.Release();

    /// <summary>Serves until the client says that the round is over.</summary>
    protected abstract void ServeRound();

    /// <summary>Starts the serving thread; the last line of a constructor.</summary>
    protected void Start() => StartThread(ServeRounds);

    private void ServeRounds()
    {
        while (true)
        {
            _rounds.Wait();
            ServeRound();
        }
    }
}
