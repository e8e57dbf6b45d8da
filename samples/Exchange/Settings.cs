// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Samples.Exchange;

/// <summary>What the command line says.</summary>
internal sealed record Settings(int Seconds = 10, int Clients = 1000, int Seed = 1)
{
    private const int ClientsPerProcess = 125;

    /// <summary>Clients in the process that is killed, and in the one that is stopped for a while.</summary>
    internal int Unlucky => Math.Max(2, Clients / 20);

    /// <summary>The rest, in as many processes as it takes, at least two.</summary>
    internal IEnumerable<int> Lucky
    {
        get
        {
            int rest = Clients - 2 * Unlucky;
            int processes = Math.Max(2, (rest + ClientsPerProcess - 1) / ClientsPerProcess);
            return Enumerable.Range(0, processes).Select(i => rest * (i + 1) / processes - rest * i / processes);
        }
    }

    /// <summary>Fewer than there are clients: the last ones are refused, until the killed ones make room.</summary>
    internal int MaxConnections => Clients - Math.Max(1, Clients / 50);

    /// <summary>About 5,000 ticks a second, over all.</summary>
    internal TimeSpan TickInterval => TimeSpan.FromMilliseconds(Math.Max(10, Clients / 5));

    internal static Settings? TryParse(string[] arguments)
    {
        var settings = new Settings();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out int value) || value < 1)
                return null;
            switch (arguments[i])
            {
                case "--seconds": settings = settings with { Seconds = value }; break;
                case "--clients": settings = settings with { Clients = value }; break;
                case "--seed": settings = settings with { Seed = value }; break;
                default: return null;
            }
        }

        return settings.Clients < 10 ? null : settings;
    }
}
