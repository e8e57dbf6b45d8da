// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Harness;

/// <summary>A measurement could not be made; nothing that depends on it is printed.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
