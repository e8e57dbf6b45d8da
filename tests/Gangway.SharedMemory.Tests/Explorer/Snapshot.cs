// SPDX-License-Identifier: MIT

using System.Reflection;

namespace Gangway.SharedMemory.Tests;

/// <summary>Remembers the state of objects under test and puts it back: before each of a million executions.</summary>
/// <remarks>
/// The objects stay the same, so addresses do; making new ones for each execution would be slower, too. It follows
/// fields of the library's types and arrays of these or of plain values; segments are remembered apart, see <see cref="TestSegment"/>.
/// </remarks>
internal sealed class Snapshot
{
    private readonly HashSet<object> _visited = new(ReferenceEqualityComparer.Instance);
    private readonly List<Action> _restore = [];

    internal Snapshot(Labels labels, params ReadOnlySpan<(string Name, object Root)> roots)
    {
        foreach ((string name, object root) in roots)
            Visit(root, name, labels);
    }

    internal void Restore()
    {
        foreach (Action action in _restore)
            action();
    }

    private void Visit(object value, string name, Labels labels)
    {
        if (value is Segment || !_visited.Add(value))
            return;
        if (value is Array array)
        {
            Remember(array, name, labels);
            return;
        }

        for (Type? type = value.GetType(); type?.Namespace?.StartsWith("Gangway", StringComparison.Ordinal) == true; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                object? content = field.GetValue(value);
                if (!field.IsInitOnly && !value.GetType().IsValueType)
                    _restore.Add(() => field.SetValue(value, content));
                if (content is not null && (content is Array || IsOurs(content.GetType())))
                    Visit(content, $"{name}.{NameOf(field)}", labels);
            }
        }
    }

    private void Remember(Array array, string name, Labels labels)
    {
        Type element = array.GetType().GetElementType()!;
        if (array is byte[]?[] buffers)
        {
            RememberBuffers(buffers);
            return;
        }

        if (element.IsClass && IsOurs(element))
        {
            for (int i = 0; i < array.Length; i++)
                Visit(array.GetValue(i)!, $"{name}[{i}]", labels);
            return;
        }

        if (!element.IsPrimitive)
            throw new NotSupportedException($"{name}: an array of {element.Name} cannot be remembered.");
        if (array is ulong[] words && words.Length != 0)
            labels.Add(ExplorerMemory.Address(in words[0]), words.Length * sizeof(ulong), offset => $"{name}[{offset / 8}]");

        Array copy = (Array)array.Clone();
        int bytes = Buffer.ByteLength(array);
        _restore.Add(() => Buffer.BlockCopy(copy, 0, array, 0, bytes));
    }

    /// <summary>Buffers that are made when they are first used stay, because making them again costs more than clearing them.</summary>
    private void RememberBuffers(byte[]?[] buffers) => _restore.Add(() =>
    {
        foreach (byte[]? buffer in buffers)
            Array.Clear(buffer ?? []);
    });

    private static bool IsOurs(Type type) =>
        !type.IsEnum && type.Namespace?.StartsWith("Gangway", StringComparison.Ordinal) == true;

    /// <summary>Without the marks of private and generated fields.</summary>
    private static string NameOf(FieldInfo field) =>
        field.Name.TrimStart('_', '<').Replace(">k__BackingField", "", StringComparison.Ordinal);
}
