// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Documents;

/// <summary>A row of <c>docs/SPEC.md</c>.</summary>
/// <param name="Id">For example <c>SH-05</c>.</param>
/// <param name="Sentence">What is promised.</param>
/// <param name="State"><c>kept</c> or <c>planned</c>.</param>
/// <param name="Part">Which part of the plan keeps it.</param>
public sealed record SpecRule(string Id, string Sentence, string State, string Part);
