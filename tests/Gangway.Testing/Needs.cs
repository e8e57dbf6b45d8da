// SPDX-License-Identifier: MIT

namespace Gangway.Testing;

/// <summary>Finds out whether this machine has what a test needs.</summary>
internal static class Needs
{
    /// <summary>Null when all is there, else the reason to skip.</summary>
    public static string? Missing(Need need)
    {
        if (need.HasFlag(Need.Root) && Environment.UserName != "root")
        {
            return "needs root";
        }

        if (need.HasFlag(Need.Gcc) && !(OnPath("gcc") && File.Exists("/usr/include/stdio.h")))
        {
            return "needs gcc and libc6-dev";
        }

        return need.HasFlag(Need.Strace) && !OnPath("strace") ? "needs strace" : null;
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
