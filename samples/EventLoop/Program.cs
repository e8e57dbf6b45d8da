// SPDX-License-Identifier: MIT

using Gangway.Samples.EventLoop;

// EventLoop              one loop over sockets, a timer, processes, notifications and lanes; ends when all have
// EventLoop child PORT   is a child process that writes to a socket
// EventLoop client ADDR  is a client process that signals a lane
if (args is ["child", string port])
    return ChildProgram.Run(port);
if (args is ["client", string address])
    return LaneClient.Run(address);
if (args.Length != 0)
{
    Console.Error.WriteLine("usage: EventLoop");
    return 2;
}

using var loop = new EventLoop();
return loop.Run();
