// SPDX-License-Identifier: MIT

using System.Runtime.CompilerServices;

namespace Gangway.Process.Tests.Samples;

/// <summary>Where a sample's program is: built with this project, to its own place.</summary>
internal static class SampleProgram
{
    internal static string Of(string name, [CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        return Path.Combine(root, "samples", name, "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", name);
    }
}
