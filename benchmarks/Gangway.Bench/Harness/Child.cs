// SPDX-License-Identifier: MIT

using System.Diagnostics;
using System.Globalization;
using Gangway.Bench.Floors.Interop;

namespace Gangway.Bench.Harness;

/// <summary>One process of a measurement: our own binary in a hidden role, told what to do line by line.</summary>
/// <remarks>
/// The child is killed when this object is disposed, and by the kernel when the harness is gone, so a
/// benchmark that is interrupted leaves nothing that burns a core.
/// </remarks>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _what;

    private Child(Process process, string what)
    {
        _process = process;
        _what = what;
    }

    /// <summary>Its number, for the kernel.</summary>
    public int Id => _process.Id;

    /// <summary>Starts this binary as <paramref name="role"/>, restricted to <paramref name="cpus"/>.</summary>
    /// <remarks>Only the main thread may call this: a child dies with the thread that started it.</remarks>
    public static Child Start(int[] cpus, string role, params ReadOnlySpan<string> arguments) =>
        Start(cpus, [], role, arguments);

    /// <summary>The same, with more in its environment: settings that the run-time reads when it starts.</summary>
    public static Child Start(
        int[] cpus,
        IEnumerable<KeyValuePair<string, string>> environment,
        string role,
        params ReadOnlySpan<string> arguments)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("This process has no path.");
        var start = new ProcessStartInfo(self)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Gangway.Bench.dll"));
        }

        start.ArgumentList.Add(role);
        start.ArgumentList.Add(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        int[] ours = Affinity.Allowed();
        Affinity.Set(cpus);
        try
        {
            Process process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
            return new Child(process, $"{role} {string.Join(' ', arguments!)}");
        }
        finally
        {
            Affinity.Set(ours);
        }
    }

    /// <summary>Sends one command and waits for its one-line answer.</summary>
    public string Ask(string command)
    {
        Tell(command);
        return Listen();
    }

    /// <summary>Sends a command; the answer is read later by <see cref="Listen"/>.</summary>
    public void Tell(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for the next line of the child.</summary>
    public string Listen()
    {
        Task<string?> read = _process.StandardOutput.ReadLineAsync();
        if (!read.Wait(s_patience))
        {
            throw new BenchmarkException($"'{_what}' did not answer within {s_patience.TotalSeconds} s.");
        }

        return read.Result ?? throw new BenchmarkException($"'{_what}' ended early.");
    }

    /// <summary>Asks for a number.</summary>
    public double AskNumber(string command) => double.Parse(Ask(command), CultureInfo.InvariantCulture);

    /// <summary>Ends it at once, whatever it does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            // End of input asks the child to leave in order, so that it can take its name out of the directory.
            _process.StandardInput.Close();
            if (!_process.WaitForExit(1000))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }
        catch (Exception gone) when (gone is InvalidOperationException or IOException)
        {
            // It is gone already, which is what we want.
        }

        _process.Dispose();
    }
}
