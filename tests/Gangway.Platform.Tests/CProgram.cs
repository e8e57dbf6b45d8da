// SPDX-License-Identifier: MIT

using Gangway.Testing;

namespace Gangway.Platform.Tests;

/// <summary>Compiles a C program of this project into a test's folder.</summary>
internal static class CProgram
{
    internal static string Compile(TempNames names, string source)
    {
        string program = names.PathOf(Path.GetFileNameWithoutExtension(source));
        using ChildProcess gcc = ChildProcess.Start(
            "gcc", "-Wall", "-Wextra", "-Werror", "-o", program, Path.Combine(AppContext.BaseDirectory, source));
        IReadOnlyList<string> output = gcc.ReadToEnd();
        Assert.True(gcc.WaitForExit() == 0, string.Join('\n', output) + gcc.Errors);
        return program;
    }
}
