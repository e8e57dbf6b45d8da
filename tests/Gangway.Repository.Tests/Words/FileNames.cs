// SPDX-License-Identifier: MIT

using System.Text.RegularExpressions;
using Gangway.Repository.Tests.Tree;

namespace Gangway.Repository.Tests.Words;

/// <summary>A file is named after its type, and holds one public type.</summary>
public static partial class FileNames
{
    /// <summary>Files whose name and types do not agree. A stem ends at the first dot: <c>EventPort.Binding.cs</c>.</summary>
    public static IEnumerable<string> Find(IEnumerable<SourceFile> files)
    {
        foreach (SourceFile file in files)
        {
            string stem = file.Name.Split('.')[0];
            TypeDeclaration[] types = [.. file.Types.Where(static type => !type.IsFileLocal)];
            TypeDeclaration[] visible = [.. types.Where(static type => type.IsPublic)];
            if (types.Length == 0)
            {
                if (OnlyAttributesAndUsings().Replace(file.Code, "").Trim().Length > 0)
                {
                    yield return $"{file.Path}: holds code and no type";
                }
            }
            else if (types.All(type => type.Name != stem))
            {
                yield return $"{file.Path}: holds {string.Join(", ", types.Select(static type => type.Name))} and no {stem}";
            }

            if (visible.Select(static type => type.Name).Distinct().Count() > 1)
            {
                yield return $"{file.Path}: holds {visible.Length} public types";
            }
            else if (visible.Length == 1 && visible[0].Name != stem)
            {
                yield return $"{file.Path}: its public type is {visible[0].Name}";
            }
        }
    }

    [GeneratedRegex(@"\[\s*(assembly|module)\s*:[^\]]*\]|\b(global\s+)?using\b[^;]*;")]
    private static partial Regex OnlyAttributesAndUsings();
}
