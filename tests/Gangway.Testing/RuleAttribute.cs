// SPDX-License-Identifier: MIT

using Xunit.Sdk;

namespace Gangway.Testing;

/// <summary>Names the rule of <c>docs/SPEC.md</c> that a test shows.</summary>
/// <remarks>
/// A repository test fails when a kept rule is named by no test, or when a test names a rule that the
/// document does not have. It is a trait as well: <c>dotnet test --filter Rule=SH-05</c>.
/// </remarks>
/// <param name="id">The rule's id, for example <c>SH-05</c>.</param>
[TraitDiscoverer("Gangway.Testing.RuleDiscoverer", "Gangway.Testing")]
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class RuleAttribute(string id) : Attribute, ITraitAttribute
{
    /// <summary>The rule's id.</summary>
    public string Id { get; } = id;
}
