// SPDX-License-Identifier: MIT

using System.Diagnostics;

namespace Gangway.Samples.Exchange;

/// <summary>
/// The C program of <c>tests/hostile</c>, which speaks the protocol without the library, and lies: attacks the exchange
/// until it is disposed, one attack after the other. Without a C compiler, or outside of the repository, there is none.
/// </summary>
internal sealed class HostileProgram : IDisposable
{
    private static readonly string[] s_attacks =
        ["scribble", "noisy-words", "kill-busy", "flipping", "lying-head", "hold-all", "bell-flood", "noisy-hints", "floods"];

    private readonly string _program;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Thread> _threads = [];
    private readonly List<Process> _running = [];
    private int _attacks;

    private HostileProgram(string program) => _program = program;

    /// <summary>Attacks begun so far.</summary>
    internal int Attacks => Volatile.Read(ref _attacks);

    /// <summary>Builds the program; null when that is not possible here.</summary>
    internal static HostileProgram? Build(string folder)
    {
        DirectoryInfo? above = new(AppContext.BaseDirectory);
        while (above is not null && !File.Exists($"{above.FullName}/tests/hostile/hostile.c"))
            above = above.Parent;
        if (above is null || !File.Exists("/usr/include/stdio.h") || !File.Exists("/usr/bin/gcc"))
            return null;

        var start = new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec gcc -std=c11 -O1 -pthread -o \"$0\" hostile.c gangway_server.c departures.c attack*.c gangway_side.c gangway_client.c result.c",
            $"{folder}/hostile",
        ])
        { WorkingDirectory = $"{above.FullName}/tests/hostile" };
        using Process gcc = Process.Start(start)!;
        gcc.WaitForExit();
        return gcc.ExitCode == 0 ? new HostileProgram($"{folder}/hostile") : null;
    }

    /// <summary>Begins to attack, with two processes at a time.</summary>
    internal void Start(string socketPath)
    {
        for (int i = 0; i < 2; i++)
        {
            int first = i * s_attacks.Length / 2;
            var thread = new Thread(() => Attack(socketPath, first)) { IsBackground = true };
            thread.Start();
            _threads.Add(thread);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop.Set();
            _running.ForEach(static process => process.Kill(entireProcessTree: true));
        }

        _threads.ForEach(static thread => thread.Join());
        _threads.Clear();
    }

    private void Attack(string socketPath, int next)
    {
        while (true)
        {
            // What it finds out is for the tests; here it is only there.
            var start = new ProcessStartInfo(_program, ["--seconds", "1", socketPath, s_attacks[next++ % s_attacks.Length]])
            {
                RedirectStandardOutput = true,
            };
            Process process;
            lock (_gate)
            {
                if (_stop.IsSet)
                    return;
                _running.Add(process = Process.Start(start)!);
            }

            Interlocked.Increment(ref _attacks);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            bool isResisted = process.ExitCode == 0;
            lock (_gate)
                _running.Remove(process);
            process.Dispose();
            if (!isResisted)
                _stop.Wait(50); // There may be no room for it just now.
        }
    }
}
