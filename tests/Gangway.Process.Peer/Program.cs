// SPDX-License-Identifier: MIT

using System.Globalization;

namespace Gangway.Process.Peer;

/// <summary>The first argument is a verb; see the class of each.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["serve", .. string[] rest]:
                return ServeVerb.Run(rest);
            case ["journal", string address, string file, string witness]:
                return JournalVerb.Run(address, file, witness);
            case ["load", string address, string file, string witness, string lane, .. string[] steady]:
                return LoadVerb.Run(address, file, witness, int.Parse(lane, CultureInfo.InvariantCulture), steady is ["steady"]);
            case ["await", string address, string file, string lane, string count, string seed]:
                return AwaitVerb.Run(
                    address, file, int.Parse(lane, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture),
                    int.Parse(seed, CultureInfo.InvariantCulture));
            case ["connect", string address, string count]:
                return ConnectVerb.Run(address, int.Parse(count, CultureInfo.InvariantCulture));
            case ["post", string address, string file, string lane]:
                return PostVerb.Run(address, file, int.Parse(lane, CultureInfo.InvariantCulture));
            case ["signal", string address, string file, string count, string seed]:
                return SignalVerb.Run(
                    address, file, int.Parse(count, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
            case ["race", string address, string file]:
                return RaceVerb.Run(address, file);
            case ["epoll", string count]:
                return EpollVerb.Run(int.Parse(count, CultureInfo.InvariantCulture));
            default:
                Console.Error.WriteLine("""
                    usage: serve ADDRESS [--admit UID]... [--connections N] [--bytes N] | journal ADDRESS FILE WITNESS
                           load ADDRESS FILE WITNESS LANE [steady] | connect ADDRESS COUNT | race ADDRESS FILE | post ADDRESS FILE LANE
                           await ADDRESS FILE LANE COUNT SEED | signal ADDRESS FILE COUNT SEED | epoll COUNT
                    """);
                return 2;
        }
    }
}
