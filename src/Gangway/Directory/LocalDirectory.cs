// SPDX-License-Identifier: MIT

using Gangway.Platform;
using Gangway.Transports;

namespace Gangway;

/// <summary>Local names: one socket for each, in a directory that belongs to the user. Section 1 of docs/PROTOCOL.md.</summary>
internal static class LocalDirectory
{
    private const uint OwnerOnly = 0b111_000_000;
    private const uint WritableByOthers = 0b000_010_010;
    private const uint EnterableByOthers = 0b000_001_001;
    private const uint SocketForOwner = 0b110_000_000;
    private const uint SocketForAll = 0b110_110_110;

    /// <summary>
    /// How many may wait to be accepted: whoever connects waits behind those who came before, also behind those who left again,
    /// so they are few. Over that a client waits in <c>connect</c>, up to its time-out.
    /// </summary>
    private const int BacklogMost = 64;

    /// <summary>Finds the files of an address. Touches nothing.</summary>
    internal static LocalName Find(Address address)
    {
        string directory = address.IsPath ? Path.GetDirectoryName(address.Name)! : UserDirectory();
        string file = address.IsPath ? Path.GetFileName(address.Name) : address.Name;
        return new LocalName(address, directory, Path.Combine(directory, file));
    }

    /// <summary>Makes a name ours, for as long as the result is not disposed and this process lives.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isForOthers">Whether other users may connect: then the directory must let them in.</param>
    /// <exception cref="GangwayException">The name is in use, or its directory is not safe, or a system call failed.</exception>
    internal static ServedName Serve(Address address, bool isForOthers)
    {
        LocalName name = Find(address);
        CheckDirectory(name, mayCreate: true, isForOthers);

        Errno errno = Files.OpenLockFile(name.LockPath, 0b110_000_000, out FileDescriptor? lockFile);
        if (errno != Errno.None)
            throw Failed(address, "listen on", $"its lock file '{name.LockPath}' cannot be opened: {errno.Describe()}");

        try
        {
            errno = Files.TryLock(lockFile!);
            if (errno is Errno.EAGAIN or Errno.EACCES)
            {
                throw new GangwayException(ConnectError.InUse, address.Text,
                    $"Cannot listen on '{address}': a living process serves that name already (it holds the lock of "
                    + $"'{name.LockPath}'). Stop it, or choose another name.");
            }

            if (errno != Errno.None)
                throw Failed(address, "listen on", $"'{name.LockPath}' cannot be locked: {errno.Describe()}");
            CheckLockFile(name, lockFile!);

            return new ServedName(name, lockFile!, Bind(name, isForOthers ? SocketForAll : SocketForOwner));
        }
        catch
        {
            lockFile!.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the process that owns a name.</summary>
    /// <exception cref="GangwayException">Nobody serves it, it belongs to another user, or time ran out.</exception>
    internal static UnixSocket Connect(Address address, ConnectAttempt attempt)
    {
        LocalName name = Find(address);
        if (!name.IsExplicit)
            CheckDirectory(name, mayCreate: false, isForOthers: false);

        Errno errno = UnixSocket.Connect(
            name.SocketPath, attempt.Deadline.Nanoseconds, out UnixSocket? socket, () => !attempt.IsAborted);
        return errno switch
        {
            Errno.None => socket!,
            Errno.ENOENT or Errno.ENOTDIR => throw new GangwayException(ConnectError.NotFound, address.Text,
                $"Cannot connect to '{address}': nothing listens there (no socket '{name.SocketPath}'). "
                + "Start the server first, or check the name."),
            Errno.ECONNREFUSED => throw new GangwayException(ConnectError.NotServed, address.Text,
                $"Cannot connect to '{address}': its server is dead (nobody accepts on '{name.SocketPath}'). "
                + "Start the server again: it takes the name over."),
            Errno.EACCES or Errno.EPERM => throw new GangwayException(ConnectError.NotPermitted, address.Text,
                $"Cannot connect to '{address}': user {Identity.EffectiveUid()} may not use the socket "
                + $"'{name.SocketPath}', which belongs to {OwnerOf(name.SocketPath)}. Run as that user, or have the "
                + "listener admit this one."),
            Errno.ETIMEDOUT => throw new GangwayException(ConnectError.TimedOut, address.Text,
                $"Cannot connect to '{address}': its server did not accept in time. It may be stopped or overloaded."),
            Errno.ECANCELED => throw Failed(address, "connect to", "its endpoint was disposed"),
            Errno.ENAMETOOLONG => throw Failed(address, "connect to", PathTooLong(name)),
            _ => throw Failed(address, "connect to", $"connect to '{name.SocketPath}' failed with {errno.Describe()}"),
        };
    }

    private static UnixSocket Bind(LocalName name, uint mode)
    {
        // Under a temporary name first: a client never sees a socket that does not listen yet.
        if (Files.DescribePath(name.SocketPath, out FileStatus there) == Errno.None && !there.IsSocket)
            throw Failed(name.Address, "listen on", $"'{name.SocketPath}' is there and is not a socket. Choose another name");

        // No name starts with a dot, so it is nobody's.
        string temporary = Path.Combine(
            name.DirectoryPath, $".{Path.GetFileName(name.SocketPath)}.{Identity.ProcessId()}");
        Files.Unlink(temporary);
        Errno errno = UnixSocket.Listen(temporary, BacklogMost, mode, out UnixSocket? socket);
        if (errno != Errno.None)
        {
            string why = errno == Errno.ENAMETOOLONG ? PathTooLong(name) : $"bind failed with {errno.Describe()}";
            throw Failed(name.Address, "listen on", why);
        }

        errno = Files.Rename(temporary, name.SocketPath);
        if (errno != Errno.None)
        {
            socket!.Dispose();
            Files.Unlink(temporary);
            throw Failed(name.Address, "listen on", $"'{name.SocketPath}' cannot be put in place: {errno.Describe()}");
        }

        return socket!;
    }

    /// <summary>A lock on a file that somebody unlinked meanwhile owns nothing.</summary>
    private static void CheckLockFile(LocalName name, FileDescriptor lockFile)
    {
        if (Files.Describe(lockFile, out FileStatus locked) != Errno.None
            || Files.DescribePath(name.LockPath, out FileStatus there) != Errno.None
            || locked.Inode != there.Inode || locked.Device != there.Device)
        {
            throw Failed(name.Address, "listen on",
                $"'{name.LockPath}' was removed or replaced while it was being locked. Lock files are never removed: try again");
        }
    }

    /// <summary>Whoever can write the directory can put a socket of his own there: it must be ours alone.</summary>
    private static void CheckDirectory(LocalName name, bool mayCreate, bool isForOthers)
    {
        string path = name.DirectoryPath;
        Errno errno = Files.OpenDirectory(path, create: mayCreate && !name.IsExplicit, OwnerOnly, out FileDescriptor? directory);
        if (errno == Errno.ENOENT && !mayCreate)
        {
            throw new GangwayException(ConnectError.NotFound, name.Address.Text,
                $"Cannot connect to '{name.Address}': this user serves nothing (no directory '{path}'). "
                + "Start the server first, as the same user.");
        }

        if (errno != Errno.None)
            throw Failed(name.Address, "use", $"the directory '{path}' cannot be opened: {errno.Describe()}");

        using (directory)
        {
            errno = Files.Describe(directory!, out FileStatus status);
            if (errno != Errno.None)
                throw Failed(name.Address, "use", $"the directory '{path}' cannot be examined: {errno.Describe()}");

            uint self = Identity.EffectiveUid();
            if (status.OwnerUid != self || (status.Mode & WritableByOthers) != 0)
            {
                throw new GangwayException(ConnectError.NotPermitted, name.Address.Text,
                    $"Cannot use '{name.Address}': the directory '{path}' belongs to user {status.OwnerUid} with mode "
                    + $"{Convert.ToString(status.Mode & 0b111_111_111, 8)}; it must belong to user {self}, and nobody else "
                    + "may write it. Correct it, or set GANGWAY_DIRECTORY.");
            }

            if (isForOthers && (status.Mode & EnterableByOthers) == 0)
            {
                throw new GangwayException(ConnectError.NotPermitted, name.Address.Text,
                    $"Cannot listen on '{name.Address}' for other users: the directory '{path}' has mode "
                    + $"{Convert.ToString(status.Mode & 0b111_111_111, 8)} and lets nobody in but its owner. Set it to 711, or use "
                    + "another directory.");
            }
        }
    }

    private static string UserDirectory()
    {
        if (Environment.GetEnvironmentVariable("GANGWAY_DIRECTORY") is { Length: > 0 } chosen)
            return chosen;
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
            return Path.Combine(runtime, "gangway");
        uint uid = Identity.EffectiveUid();
        return uid == 0 ? "/run/gangway-0" : $"/tmp/gangway-{uid}";
    }

    private static string OwnerOf(string path) =>
        Files.DescribePath(path, out FileStatus status) == Errno.None ? $"user {status.OwnerUid}" : "another user";

    private static string PathTooLong(LocalName name) =>
        $"the path '{name.SocketPath}' is longer than a Unix socket's 107 bytes. Choose a shorter name or directory";

    private static GangwayException Failed(Address address, string what, string why) =>
        new(ConnectError.System, address.Text, $"Cannot {what} '{address}': {why}.");
}
