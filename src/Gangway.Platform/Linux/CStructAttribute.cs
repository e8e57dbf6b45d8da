// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>Names the C structure that a C# one mirrors; a test compares size and offsets with the header's.</summary>
/// <param name="name">The C type, such as <c>struct msghdr</c>. Fields carry the names of the header.</param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class CStructAttribute(string name) : Attribute
{
    /// <summary>The C type.</summary>
    internal string Name { get; } = name;
}
