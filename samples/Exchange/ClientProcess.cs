// SPDX-License-Identifier: MIT

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gangway.Samples.Exchange;

/// <summary>A process of clients, as the exchange's process sees it.</summary>
internal sealed class ClientProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private string _report = "0 0 0 0 ";

    /// <summary>Starts it. For the main thread: the kernel kills it when the thread that started it ends.</summary>
    internal ClientProcess(string address, int clients, int seed)
    {
        Clients = clients;
        string[] own = [Environment.ProcessPath!, "clients", address, Text(clients), Text(seed)];
        var start = File.Exists("/usr/bin/setpriv")
            ? new ProcessStartInfo("/usr/bin/setpriv", ["--pdeathsig=KILL", "--", .. own])
            : new ProcessStartInfo(own[0], own[1..]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => OnLine(e.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>How many clients it was to have.</summary>
    internal int Clients { get; }

    /// <summary>What it reported last.</summary>
    internal string Report => Volatile.Read(ref _report);

    internal void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for a line that begins with a word, and returns the rest.</summary>
    internal string Await(string word)
    {
        while (_lines.TryTake(out string? line, s_patience))
        {
            if (line.StartsWith(word, StringComparison.Ordinal))
                return line[word.Length..].Trim();
        }

        throw new IOException($"A process of clients did not say '{word}'.");
    }

    /// <summary>Stops it where it is, or lets it go on: <c>STOP</c>, <c>CONT</c>.</summary>
    internal void Signal(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        kill.WaitForExit();
    }

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Lets it end as it should.</summary>
    internal void End()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(s_patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        _lines.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is null)
            _lines.CompleteAdding();
        else if (line.StartsWith("now ", StringComparison.Ordinal))
            Volatile.Write(ref _report, line[4..]);
        else
            _lines.Add(line);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
