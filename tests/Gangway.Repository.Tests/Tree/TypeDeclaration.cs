// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Tree;

/// <summary>A type that stands at the top level of a file.</summary>
/// <param name="Name">Its name, without type parameters.</param>
/// <param name="Kind">class, struct, interface, enum, record, record struct, delegate.</param>
/// <param name="Modifiers">All modifiers, separated by blanks.</param>
/// <param name="Line">The one-based line of its declaration.</param>
public sealed record TypeDeclaration(string Name, string Kind, string Modifiers, int Line)
{
    /// <summary>Whether other assemblies see it.</summary>
    public bool IsPublic => Has("public");

    /// <summary>Whether only its own file sees it.</summary>
    public bool IsFileLocal => Has("file");

    /// <summary>Whether a modifier is there.</summary>
    public bool Has(string modifier) => Modifiers.Split(' ').Contains(modifier);
}
