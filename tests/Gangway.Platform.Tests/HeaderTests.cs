// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Gangway.Testing;
using Xunit.Abstractions;

namespace Gangway.Platform.Tests;

/// <summary>Every constant and structure of Gangway.Platform against the C headers of this machine.</summary>
public sealed partial class HeaderTests(ITestOutputHelper output)
{
    // Newer than some headers that people have. Each is shown by a test of what it does.
    private static readonly string[] s_mayBeAbsent =
        ["PID_FS_MAGIC", "MFD_NOEXEC_SEAL", "F_SEAL_EXEC", "SO_PEERPIDFD", "SO_PASSRIGHTS"];

    private static readonly Assembly s_platform = typeof(Errno).Assembly;

    [NeedsFact(Need.Gcc)]
    public void Constants_AllOfThem_HaveTheHeadersValues()
    {
        Dictionary<string, string> headers = Print("const ");
        string[] absent = [.. Lines().Where(line => line.StartsWith("absent ", StringComparison.Ordinal)).Select(line => line[7..])];
        foreach (string name in absent)
            output.WriteLine($"absent from the installed headers: {name}");

        Assert.Empty(absent.Except(s_mayBeAbsent));
        Dictionary<string, long> ours = Constants();
        Assert.True(ours.Count > 200, "The search for constants found too few.");
        Assert.Equal(
            ours.Where(constant => !absent.Contains(constant.Key)).Select(Text).Order(StringComparer.Ordinal),
            headers.Select(constant => $"{constant.Key} {constant.Value}").Order(StringComparer.Ordinal));

        static string Text(KeyValuePair<string, long> constant) =>
            string.Create(CultureInfo.InvariantCulture, $"{constant.Key} {constant.Value}");
    }

    [NeedsFact(Need.Gcc)]
    public void Structures_AllOfThem_HaveTheHeadersSizesAndOffsets()
    {
        string[] lines = Lines();
        int fields = 0;
        foreach (Type type in s_platform.GetTypes())
        {
            if (type.GetCustomAttribute<CStructAttribute>() is not CStructAttribute c)
                continue;

            Assert.Contains($"size {c.Name}: {SizeOf(type)}", lines);
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            {
#pragma warning disable CA1421 // All of these are blittable: the marshalled layout is the layout in memory.
                long offset = Marshal.OffsetOf(type, field.Name);
#pragma warning restore CA1421
                Assert.Contains($"field {c.Name}: {field.Name} {offset} {SizeOf(field.FieldType)}", lines);
                fields++;
            }
        }

        Assert.Equal(lines.Count(line => line.StartsWith("field ", StringComparison.Ordinal)) - 2, fields); // epoll_event's
    }

    [NeedsFact(Need.Gcc)]
    public void EpollEvent_PackedOrNot_HasTheHeadersLayout()
    {
        string[] lines = Lines();
        Assert.Contains($"size struct epoll_event: {Epoll.NativeEventBytes}", lines);
        Assert.Contains("field struct epoll_event: events 0 4", lines);
        Assert.Contains($"field struct epoll_event: data {Epoll.NativeDataOffset} 8", lines);
        Assert.Equal(16, Unsafe.SizeOf<EpollEvent>());
    }

    [NeedsFact(Need.Gcc)]
    public void ControlBuffer_OfTwoDescriptors_NeedsNoPadding() =>
        Assert.Contains(Lines(), line => line == "size struct two_descriptors with padding: 24");

    private static string[] Lines()
    {
        using var names = new TempNames();
        using ChildProcess program = ChildProcess.Start(CProgram.Compile(names, "headers/constants.c"));
        string[] lines = [.. program.ReadToEnd()];
        Assert.Equal(0, program.WaitForExit());
        return lines;
    }

    private static Dictionary<string, string> Print(string kind) => Lines()
        .Where(line => line.StartsWith(kind, StringComparison.Ordinal))
        .Select(line => line.Split(' '))
        .ToDictionary(words => words[1], words => words[2], StringComparer.Ordinal);

    // Whatever has a name in capitals, is a system call's number, or is a member of an enumeration of the kernel's.
    private static Dictionary<string, long> Constants()
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        const BindingFlags Static = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;
        foreach (Type type in s_platform.GetTypes().Where(type => !type.IsEnum))
        {
            foreach (FieldInfo field in type.GetFields(Static).Where(field => field.IsLiteral && NativeName().IsMatch(field.Name)))
                Add(field.Name, field.GetRawConstantValue()!);

            foreach (PropertyInfo property in type.GetProperties(Static).Where(property => NativeName().IsMatch(property.Name)))
                Add(property.Name, property.GetValue(null)!);
        }

        foreach (Errno error in Enum.GetValues<Errno>().Where(error => error != Errno.None))
            Add(error.ToString(), (int)error);

        foreach (Seals seal in Enum.GetValues<Seals>().Where(seal => seal != Seals.None))
            Add("F_SEAL_" + (seal == Seals.FutureWrite ? "FUTURE_WRITE" : seal.ToString().ToUpperInvariant()), (uint)seal);

        foreach (EpollEvents events in Enum.GetValues<EpollEvents>().Where(events => events != EpollEvents.None))
            Add("EPOLL" + (events == EpollEvents.Edge ? "ET" : events.ToString().ToUpperInvariant()), (uint)events);

        return found;

        void Add(string name, object value)
        {
            long number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            Assert.True(found.TryAdd(name, number) || found[name] == number, $"{name} has two values.");
        }
    }

    private static int SizeOf(Type type) => type.IsPointer
        ? nint.Size
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    [GeneratedRegex("^([A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[A-Z][A-Z0-9]+|SYS_\\w+)$")]
    private static partial Regex NativeName();
}
