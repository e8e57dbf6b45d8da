// SPDX-License-Identifier: MIT

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
            default:
                Console.Error.WriteLine("usage: serve ADDRESS [--admit UID]...");
                return 2;
        }
    }
}
