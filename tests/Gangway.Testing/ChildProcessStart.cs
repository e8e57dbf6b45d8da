// SPDX-License-Identifier: MIT

namespace Gangway.Testing;

/// <summary>How to start a <see cref="ChildProcess"/>.</summary>
public sealed record ChildProcessStart
{
    /// <summary>The program: a path, or a name that is found by PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables to add to the environment; null takes one out.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The user (and group) to run it as; needs root. Null: ours.</summary>
    public int? UserId { get; init; }

    /// <summary>Its working folder. Null: ours.</summary>
    public string? Folder { get; init; }

    /// <summary>A managed program, given by its assembly, run by the host that runs us.</summary>
    public static ChildProcessStart Assembly(string path, params IEnumerable<string> arguments) =>
        new() { Program = DotnetHost(), Arguments = ["exec", path, .. arguments] };

    private static string DotnetHost()
    {
        string? own = System.Environment.ProcessPath;
        if (own is not null && Path.GetFileNameWithoutExtension(own) == "dotnet")
        {
            return own;
        }

        return System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
    }
}
