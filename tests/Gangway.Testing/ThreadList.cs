// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Text;

namespace Gangway.Testing;

/// <summary>What the kernel knows of the threads of this process: name, state, where they sleep.</summary>
public static class ThreadList
{
    /// <summary>One line a thread: id, name, state letter, the kernel function or system call it sleeps in.</summary>
    public static string Describe()
    {
        var text = new StringBuilder();
        foreach (string folder in Directory.EnumerateDirectories("/proc/self/task").Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Path.GetFileName(folder),8} {Read(folder, "comm"),-16} ");
            text.Append(CultureInfo.InvariantCulture, $"{State(Read(folder, "stat"))} {Read(folder, "wchan")} ");
            text.Append(CultureInfo.InvariantCulture, $"syscall {Read(folder, "syscall").Split(' ')[0]}\n");
        }

        return text.ToString();
    }

    // The state stands behind the name, which is in parentheses and may hold anything.
    private static char State(string stat)
    {
        int close = stat.LastIndexOf(')');
        return close >= 0 && close + 2 < stat.Length ? stat[close + 2] : '?';
    }

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (IOException)
        {
            return "-"; // The thread ended while we looked.
        }
        catch (UnauthorizedAccessException)
        {
            return "-";
        }
    }
}
