// SPDX-License-Identifier: MIT

using Gangway.Samples.EventLoop;

// EventLoop              one loop over sockets, a timer, a child process and notifications; ends when the child has
// EventLoop child PORT   is that child process
if (args is ["child", string port])
    return ChildProgram.Run(port);
if (args.Length != 0)
{
    Console.Error.WriteLine("usage: EventLoop");
    return 2;
}

using var loop = new EventLoop();
return loop.Run();
