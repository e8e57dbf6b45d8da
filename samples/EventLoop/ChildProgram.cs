// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gangway.Samples.EventLoop;

/// <summary>The child: says three lines over TCP and ends.</summary>
internal static class ChildProgram
{
    internal const int ExitCode = 7;

    internal static int Run(string port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
        foreach (string line in (string[])["one\n", "two\n", "three\n"])
            socket.Send(Encoding.ASCII.GetBytes(line));
        return ExitCode;
    }
}
