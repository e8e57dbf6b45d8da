// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;

namespace Gangway.Process.Tests.Hostile;

/// <summary>
/// One of several attackers of one server: runs a C process with each of its attacks in turn, again and again, until the
/// time is up. As root each is another user, so each has a share of its own.
/// </summary>
internal sealed class Siege
{
    private readonly Thread _thread;
    private readonly List<string> _complaints = [];
    private readonly TimeSpan _bound;
    private int _resisted;

    /// <summary>Begins to attack.</summary>
    /// <param name="server">Whom.</param>
    /// <param name="user">As which user; null: our own.</param>
    /// <param name="seed">For the attacks' random numbers.</param>
    /// <param name="end">When to begin no more. An attack that runs goes to its end: some have children to wait for.</param>
    /// <param name="attacks">The attacks.</param>
    public Siege(PeerServer server, int? user, int seed, Deadline end, params string[] attacks)
    {
        _bound = 4 * Watchdog.Bound;
        Attacks = string.Join(' ', attacks);
        _thread = new Thread(() =>
        {
            for (int run = 0; run < attacks.Length || !end.HasPassed; run++)
                Attack(server, user, seed + run, attacks[run % attacks.Length]);
        }) { IsBackground = true, Name = $"siege {attacks[0]}" };
        _thread.Start();
    }

    /// <summary>What it attacks with.</summary>
    public string Attacks { get; }

    /// <summary>Attempts that were resisted.</summary>
    public int Resisted => _resisted;

    /// <summary>Waits for its end, and returns what got through as far as the attackers can see.</summary>
    public IReadOnlyList<string> Join()
    {
        Watchdog.Run(_thread.Join, _bound);
        return _complaints;
    }

    // It may still be charged for its earlier connections. That is its own affair, unless it never gets in. Who is refused
    // at once may find the hang-up when it says Hello, before it reads why.
    private static bool IsRefusal(string line) => line.Contains("the attack could not begin", StringComparison.Ordinal)
        && (line.Contains("code 4 ", StringComparison.Ordinal) || line.Contains("step 0: hung-up", StringComparison.Ordinal));

    private void Attack(PeerServer server, int? user, int seed, string attack)
    {
        string[] asUser = user is int id ? ["--uid", id.ToString(CultureInfo.InvariantCulture)] : [];
        using ChildProcess attacker = ChildProcess.Start(
            HostilePrograms.Hostile, [.. asUser, "--seconds", "1", "--seed", seed.ToString(CultureInfo.InvariantCulture), server.SocketPath, attack]);
        int lines = 0;
        while (Watchdog.Run(attacker.TryReadLine, _bound) is string line)
        {
            if (line.Contains(" through ", StringComparison.Ordinal) && !IsRefusal(line))
                _complaints.Add(line);
            if (line.Contains(" resisted ", StringComparison.Ordinal))
                Interlocked.Increment(ref _resisted);
            lines++;
        }

        if (lines < 2) // Its seed, and at least one result.
            _complaints.Add($"{attack} reported nothing and ended with {attacker.WaitForExit()}: {attacker.Errors}");
    }
}
