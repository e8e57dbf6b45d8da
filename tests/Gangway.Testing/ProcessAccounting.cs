// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Gangway.Testing;

/// <summary>What the kernel says a process holds: its descriptors, and its shared mappings that are ours.</summary>
/// <remarks>
/// A test takes one before and asserts after. It sees the whole process, so tests that use it must not
/// run beside others: give their project <c>[assembly: CollectionBehavior(DisableTestParallelization = true)]</c>.
/// </remarks>
public sealed partial class ProcessAccounting
{
    private static readonly TimeSpan s_quiescence = TimeSpan.FromSeconds(20);
    private readonly string _process;
    private readonly Dictionary<string, int> _held;

    private ProcessAccounting(string process, Dictionary<string, int> held) => (_process, _held) = (process, held);

    /// <summary>How many descriptors the process held.</summary>
    public int Descriptors => _held.Where(static entry => entry.Key.StartsWith("fd ", StringComparison.Ordinal)).Sum(static entry => entry.Value);

    /// <summary>How many mappings of memfds or Gangway files the process held.</summary>
    public int Mappings => _held.Where(static entry => entry.Key.StartsWith("map ", StringComparison.Ordinal)).Sum(static entry => entry.Value);

    /// <summary>Takes what this process holds now.</summary>
    public static ProcessAccounting Take() => Take("self");

    /// <summary>Takes what another process holds now.</summary>
    public static ProcessAccounting Take(int processId) => Take(processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Waits until the process holds nothing that it did not hold here; fails with the difference.</summary>
    public void AssertNothingLeft() => AssertNothingLeft(s_quiescence);

    internal void AssertNothingLeft(TimeSpan bound)
    {
        string difference = "";
        // Closing is prompt but not instantaneous: other threads of the process finish their part.
        if (!Watchdog.Poll(() => (difference = Added(Take(_process))).Length == 0, bound))
        {
            throw new XunitException($"Left behind in process {_process} after {bound.TotalSeconds:0.#} s:\n{difference}");
        }
    }

    /// <summary>What <paramref name="later"/> holds that this one does not; empty if nothing.</summary>
    public string Added(ProcessAccounting later)
    {
        ArgumentNullException.ThrowIfNull(later);
        var text = new StringBuilder();
        foreach ((string what, int count) in later._held.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            int before = _held.GetValueOrDefault(what);
            if (count > before)
            {
                text.Append(CultureInfo.InvariantCulture, $"  + {count - before} x {what}\n");
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join('\n', _held.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Value} x {entry.Key}"));

    private static ProcessAccounting Take(string process)
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (FileSystemInfo descriptor in new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos())
        {
            string? target = Target(descriptor);
            if (target is not null && !IsNoise(target))
            {
                Count(held, "fd " + target);
            }
        }

        foreach (string line in File.ReadLines($"/proc/{process}/maps"))
        {
            Match match = MapsLine().Match(line);
            if (match.Success && IsOurs(match.Groups["path"].Value))
            {
                Count(held, $"map {match.Groups["protection"].Value} inode {match.Groups["inode"].Value} {match.Groups["path"].Value}");
            }
        }

        return new ProcessAccounting(process, held);
    }

    private static string? Target(FileSystemInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget;
        }
        catch (IOException)
        {
            return null; // Closed while we looked.
        }
    }

    private static void Count(Dictionary<string, int> held, string what) => held[what] = held.GetValueOrDefault(what) + 1;

    // The folder that we are reading, and files the runtime loads whenever it likes.
    private static bool IsNoise(string target) =>
        target.StartsWith("/proc/", StringComparison.Ordinal) ||
        target.EndsWith(".dll", StringComparison.Ordinal) ||
        target.EndsWith(".so", StringComparison.Ordinal) ||
        target.EndsWith(".pdb", StringComparison.Ordinal) ||
        target.Contains("memfd:doublemapper", StringComparison.Ordinal);

    // The runtime maps generated code twice, through a memfd of its own that grows with every method compiled.
    private static bool IsOurs(string path) =>
        !path.Contains("memfd:doublemapper", StringComparison.Ordinal) &&
        (path.Contains("/memfd:", StringComparison.Ordinal) ||
         (path.Contains("gangway", StringComparison.Ordinal) && !path.EndsWith(".dll", StringComparison.Ordinal)));

    [GeneratedRegex(@"^\S+ (?<protection>\S+) \S+ \S+ (?<inode>\d+)\s+(?<path>/.*)$")]
    private static partial Regex MapsLine();
}
