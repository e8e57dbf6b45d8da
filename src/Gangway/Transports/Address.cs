// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>Text that names where to connect or listen.</summary>
/// <remarks>
/// <c>shm:NAME</c>, NAME of 1 to 64 characters <c>A-Z a-z 0-9 . _ -</c>, not starting with a dot; or
/// <c>shm:/absolute/path</c>; or <c>inproc:NAME</c>, which only this process sees. None ends in <c>.lock</c>. Other transports
/// come with their own scheme. <b>Threads:</b> immutable.
/// </remarks>
public sealed record Address
{
    private const string SharedMemoryScheme = "shm:";
    private const string InProcessScheme = "inproc:";
    private const string LockSuffix = ".lock";
    private const int NameLengthMax = 64;

    private Address(string text, string name)
    {
        Text = text;
        Name = name;
    }

    /// <summary>The address as it was given.</summary>
    public string Text { get; }

    /// <summary>What follows the scheme: a name, or an absolute path.</summary>
    public string Name { get; }

    /// <summary>Whether <see cref="Name"/> is a path.</summary>
    public bool IsPath => Name[0] == '/';

    /// <summary>Whether it is of this process, and no other process sees it.</summary>
    public bool IsInProcess => Text.StartsWith(InProcessScheme, StringComparison.Ordinal);

    /// <summary>Takes an address apart.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">It is not an address; the message points at the character.</exception>
    public static Address Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? scheme = text.StartsWith(SharedMemoryScheme, StringComparison.Ordinal) ? SharedMemoryScheme
            : text.StartsWith(InProcessScheme, StringComparison.Ordinal) ? InProcessScheme
            : null;
        if (scheme is null)
            throw Malformed(text, 0, $"an address starts with '{SharedMemoryScheme}' or '{InProcessScheme}'");

        string name = text[scheme.Length..];
        if (name.Length == 0)
            throw Malformed(text, text.Length, "the name is missing");
        if (name.EndsWith(LockSuffix, StringComparison.Ordinal))
            throw Malformed(text, text.Length - LockSuffix.Length, $"'{LockSuffix}' at the end is for lock files");
        if (name[0] == '/' && scheme == SharedMemoryScheme)
            return new Address(text, CheckedPath(text, name));

        if (name[0] == '.')
            throw Malformed(text, scheme.Length, "a name does not start with a dot");
        if (name.Length > NameLengthMax)
            throw Malformed(text, scheme.Length + NameLengthMax, $"a name has at most {NameLengthMax} characters");
        for (int i = 0; i < name.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] is not ('.' or '_' or '-'))
                throw Malformed(text, scheme.Length + i, "a name has only letters, digits, '.', '_' and '-'");
        }

        return new Address(text, name);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string CheckedPath(string text, string path)
    {
        int zero = path.IndexOf('\0', StringComparison.Ordinal);
        if (zero >= 0)
            throw Malformed(text, SharedMemoryScheme.Length + zero, "a path has no zero character");
        if (path.EndsWith('/'))
            throw Malformed(text, text.Length - 1, "the path names a directory, not a socket in it");
        int file = path.LastIndexOf('/') + 1;
        if (path[file] == '.')
            throw Malformed(text, SharedMemoryScheme.Length + file, "a name does not start with a dot");
        return path;
    }

    private static FormatException Malformed(string text, int position, string why) =>
        new($"'{text}' is not an address: {why} (at character {position + 1}).");
}
