// SPDX-License-Identifier: MIT

using Xunit.Abstractions;
using Xunit.Sdk;

namespace Gangway.Testing;

/// <summary>Makes each <see cref="RuleAttribute"/> a trait that the runner can filter by.</summary>
public sealed class RuleDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute)
    {
        ArgumentNullException.ThrowIfNull(traitAttribute);
        yield return new KeyValuePair<string, string>("Rule", (string)traitAttribute.GetConstructorArguments().First());
    }
}
