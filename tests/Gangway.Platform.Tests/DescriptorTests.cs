// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Runtime.InteropServices;
using Gangway.Testing;

namespace Gangway.Platform.Tests;

public sealed class DescriptorTests : IDisposable
{
    private readonly TempNames _names = new();

    public void Dispose() => _names.Dispose();

    [Fact]
    public void Descriptors_OfEveryKind_AreCloseOnExecAndCloseOnDispose()
    {
        var before = ProcessAccounting.Take();
        var all = new List<Descriptor>();
        UnixSocket listener = Made.Listener(_names.PathOf("s"));
        UnixSocket client = Made.Connection(_names.PathOf("s"));
        UnixSocket server = Made.Accepted(listener);
        all.AddRange([listener, client, server, Made.Memory(), Made.Epoll(), Made.EventFd()]);
        Assert.Equal(Errno.None, server.GetPeer(out _, out PidFd? peer));
        Assert.Equal(Errno.None, PidFd.Open(Environment.ProcessId, out PidFd? self));
        Assert.Equal(Errno.None, Files.OpenDirectory(_names.Folder, create: true, 0x1c0, out FileDescriptor? directory));
        Assert.Equal(Errno.None, Files.OpenLockFile(_names.PathOf("l"), 0x180, out FileDescriptor? file));
        using (FileDescriptor memory = Made.Memory())
            Assert.Equal(Errno.None, client.SendWithDescriptors([1], memory, memory));
        Assert.Equal(Errno.None, server.ReceiveWithDescriptors(new byte[1], out _, out FileDescriptor? first, out FileDescriptor? second));
        all.AddRange([peer!, self!, directory!, file!, first!, second!]);

        // Every concrete type of descriptor has been made.
        Assert.Equal(
            typeof(Descriptor).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Descriptor))).ToHashSet(),
            all.Select(descriptor => descriptor.GetType()).ToHashSet());
        Assert.All(all, descriptor => Assert.True(Native.IsCloseOnExec(descriptor), descriptor.GetType().Name));
        Assert.All(all, descriptor => Assert.False(descriptor.IsInvalid));
        foreach (Descriptor descriptor in all)
            descriptor.Dispose();

        before.AssertNothingLeft();
        Assert.Throws<ObjectDisposedException>(() => client.Send([1]));
        Assert.Throws<ObjectDisposedException>(() => client.WaitReadable(0));
    }

    [Fact]
    public void Imports_OfTheAssembly_HaveNoPointerInReachOfOthersAndOneSuppressedTransition()
    {
        var suppressed = new List<string>();
        foreach (System.Reflection.MethodInfo method in typeof(Descriptor).Assembly.GetTypes().SelectMany(type => type.GetMethods(
            System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.DeclaredOnly |
            System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)))
        {
            if (method.IsDefined(typeof(SuppressGCTransitionAttribute), inherit: false))
                suppressed.Add(method.Name);

            // What the compiler made (local functions, the generated imports among them) has no name to call it by.
            if (method.IsPrivate || method.Name.StartsWith('<') || method.DeclaringType!.Name.Contains('<', StringComparison.Ordinal))
                continue;

            Assert.False(method.Attributes.HasFlag(System.Reflection.MethodAttributes.PinvokeImpl), $"{method.Name} is an import.");
            Assert.DoesNotContain(
                method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
                type => type.IsPointer || type == typeof(nint));
        }

        Assert.Equal(["sched_getcpu"], suppressed.Select(name => name.Trim('<', '>')).Distinct());
    }

    [Fact]
    public void Readme_TableOfCalls_NamesEveryImportAndItsFile()
    {
        // The README is found beside the sources, from the folder that the tests run in.
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gangway.slnx")))
            folder = folder.Parent;

        Assert.NotNull(folder);
        string platform = Path.Combine(folder.FullName, "src", "Gangway.Platform");
        string[] table = [.. File.ReadLines(Path.Combine(platform, "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        string[] missing = [.. Directory.GetFiles(Path.Combine(platform, "Linux"), "*.cs").SelectMany(path =>
            System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(path), @"private static (?:unsafe )?partial \w+ (\w+)\(")
                .Select(import => (Call: Plain(import.Groups[1].Value), File: Path.GetFileName(path)))
                .Where(import => !table.Any(row =>
                    System.Text.RegularExpressions.Regex.IsMatch(row.Split('|')[1], $@"\b{import.Call}\b") &&
                    row.Split('|')[2].Contains($"`{import.File}`", StringComparison.Ordinal)))
                .Select(import => string.Create(CultureInfo.InvariantCulture, $"{import.Call} of {import.File}")))];
        Assert.Empty(missing);

        // Imports of one call with different arguments carry what tells them apart behind its name.
        static string Plain(string import) => import switch
        {
            "mmap_file" or "mmap_zero" => "mmap",
            "futex_wait" or "futex_wake" => "futex",
            "statx_path" => "statx",
            _ => import,
        };
    }
}
