// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net.Sockets;
using Gangway.Samples.ChatServer;

// ChatServer [PORT [BYTES]]   a chat on 127.0.0.1:PORT (7777; 0: any). Who leaves more than BYTES (65536) unread is dropped.
int port = 7777, unreadBytesMax = 64 * 1024;
if (args.Length > 2
    || (args.Length > 0 && !(int.TryParse(args[0], CultureInfo.InvariantCulture, out port) && port is >= 0 and <= ushort.MaxValue))
    || (args.Length > 1 && !(int.TryParse(args[1], CultureInfo.InvariantCulture, out unreadBytesMax) && unreadBytesMax >= 1024)))
{
    Console.Error.WriteLine("usage: ChatServer [PORT [BYTES, at least 1024]]");
    return 2;
}

try
{
    using var server = new ChatServer(port, unreadBytesMax);
    server.Run();
    return 0;
}
catch (SocketException e)
{
    Console.Error.WriteLine($"ChatServer: {e.Message}");
    return 1;
}
