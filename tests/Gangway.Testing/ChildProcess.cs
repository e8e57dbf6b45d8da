// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Xunit.Sdk;

namespace Gangway.Testing;

/// <summary>A second process that ends with the test, spoken to by lines.</summary>
/// <remarks>
/// Two lines of defence against left-over processes: the kernel kills it when this process ends
/// (PR_SET_PDEATHSIG), and its standard input closes, which a well-made test program takes as its end.
/// </remarks>
public sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _errors = new();
    private readonly Lock _errorsGate = new();
    private readonly string _program;

    private ChildProcess(Process process, string program)
    {
        _process = process;
        _program = program;
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null)
            {
                _lines.Writer.TryComplete();
            }
            else
            {
                _lines.Writer.TryWrite(e.Data);
            }
        };
        process.ErrorDataReceived += (_, e) =>
        {
            lock (_errorsGate)
            {
                _errors.AppendLine(e.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its process id; the launcher in front of it became it.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errorsGate)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts a process.</summary>
    public static ChildProcess Start(ChildProcessStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return new ChildProcess(ChildLauncher.Start(start), $"{start.Program} {string.Join(' ', start.Arguments)}");
    }

    /// <summary>Starts a process with arguments.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments) =>
        Start(new ChildProcessStart { Program = program, Arguments = [.. arguments] });

    /// <summary>The next line of its standard output; null when it closed it. Fails if none comes.</summary>
    public string? TryReadLine()
    {
        ValueTask<bool> more = _lines.Reader.WaitToReadAsync();
        Task<bool> waiting = more.AsTask();
        var patience = new Patience(Watchdog.Bound);
        while (!waiting.Wait(Watchdog.Bound))
        {
            if (patience.MayGoOn())
            {
                continue;
            }

            throw new WatchdogException($"No line came from: {_program}\n{Errors}\nOur threads:\n{ThreadList.Describe()}");
        }

        return waiting.Result && _lines.Reader.TryRead(out string? line) ? line : null;
    }

    /// <summary>The next line of its standard output; fails when it ended instead.</summary>
    public string ReadLine() => TryReadLine() ??
        throw new XunitException($"Ended without the line that the test waits for: {_program}\n{Errors}");

    /// <summary>Reads up to a line that begins with a word, and returns that line. Fails when it ended before.</summary>
    public string ReadLineStarting(string prefix)
    {
        while (true)
        {
            string line = ReadLine();
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    /// <summary>All lines that are still to come, up to the end of its output.</summary>
    public IReadOnlyList<string> ReadToEnd()
    {
        var lines = new List<string>();
        while (TryReadLine() is string line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Writes a line to its standard input.</summary>
    public void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Closes its standard input: the polite way to end a test program.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Kills it with SIGKILL and waits until the kernel says it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitForExit();
    }

    /// <summary>Waits for its end and returns its exit code (128 + signal when a signal ended it).</summary>
    public int WaitForExit()
    {
        var patience = new Patience(Watchdog.Bound);
        while (!_process.WaitForExit(Watchdog.Bound))
        {
            if (patience.MayGoOn())
            {
                continue;
            }

            throw new WatchdogException($"Did not end: {_program}\n{Errors}");
        }

        return _process.ExitCode;
    }

    /// <summary>Closes its input, kills it if it still runs, and waits for its end.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(Watchdog.Bound);
        }

        _process.Dispose();
    }
}
