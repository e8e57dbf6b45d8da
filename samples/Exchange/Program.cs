// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Samples.Exchange;

// Exchange [--seconds N] [--clients N] [--seed N]   the exchange, and processes of clients that it starts
// Exchange clients ADDRESS COUNT SEED               is one of those processes
if (args is ["clients", string address, string count, string seed])
    return ClientSide.Run(address, int.Parse(count, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
if (Settings.TryParse(args) is not { } settings)
{
    Console.Error.WriteLine("usage: Exchange [--seconds N] [--clients N, at least 10] [--seed N]");
    return 2;
}

string folder = Directory.CreateTempSubdirectory("gangway-exchange-").FullName;
try
{
    using var service = new ExchangeService();
    return new TradingDay(settings, service, folder).Run() ? 0 : 1;
}
catch (IOException e)
{
    Console.Error.WriteLine($"Exchange: {e.Message}");
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
