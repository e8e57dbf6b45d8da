// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Bench.Floors.Interop;
using Gangway.Bench.Harness;

namespace Gangway.Bench.Roles;

/// <summary>What this binary does when the harness starts it as a child; commands come line by line.</summary>
internal static class Role
{
    /// <summary>Hidden verb: reply.</summary>
    public const string Server = "@server";

    /// <summary>Hidden verb: ask and measure.</summary>
    public const string Client = "@client";

    /// <summary>Hidden verb: burn a processor.</summary>
    public const string Hog = "@hog";

    /// <summary>Hidden verb: become another program.</summary>
    public const string Exec = "@exec";

    /// <summary>Hidden verb: become another program, which gets only the processor time that nobody else wants.</summary>
    public const string ExecIdle = "@exec-idle";

    // 2^21 calls of 130 ns are 270 ms, more than any round lasts.
    private const int SampleCapacity = 1 << 21;

    /// <summary>Plays the role that <paramref name="arguments"/> name: verb, parent, mechanism, address.</summary>
    public static int Play(string[] arguments)
    {
        ParentDeath.Bind(int.Parse(arguments[1], CultureInfo.InvariantCulture));
        switch (arguments[0])
        {
            case Server:
                PlayServer(arguments[2], arguments[3]);
                return 0;
            case Client:
                PlayClient(arguments[2], arguments[3]);
                return 0;
            case Hog:
                PlayHog();
                return 0;
            case ExecIdle:
                Leftovers.Take();
                goto case Exec;
            case Exec:
                Floors.Interop.Exec.Become(arguments.AsSpan(2));
                return 2;
            default:
                return 2;
        }
    }

    private static void PlayServer(string mechanism, string hint)
    {
        using Server server = Mechanism.Serve(mechanism, hint);
        Say(server.Address);
        while (Console.In.ReadLine() is { } line)
        {
            string[] command = line.Split(' ');
            switch (command[0])
            {
                case "round":
                    server.BeginRound();
                    Say("ok");
                    break;
                case "counter":
                    Say(server.Counter(command[1]));
                    break;
                default:
                    Say(server.Do(command) ?? AnswerCommon(command[0]));
                    break;
            }
        }
    }

    private static void PlayClient(string mechanism, string address)
    {
        var samples = new Samples(SampleCapacity);
        using Client client = Mechanism.Connect(mechanism, address);
        Say("connected");
        while (Console.In.ReadLine() is { } line)
        {
            string[] command = line.Split(' ');
            switch (command[0])
            {
                case "run":
                    Say(client.Run(TimeSpan.FromMilliseconds(Number(command[1])), samples).ToLine());
                    break;
                case "paced":
                    Say(client.RunPaced(Number(command[1]), samples).ToLine());
                    break;
                case "calls":
                    Say(client.RunCalls(Number(command[1])).ToLine());
                    break;
                case "counter":
                    Say(client.Counter(command[1]));
                    break;
                case "clock":
                    Say(samples.ClockNs.ToString("R", CultureInfo.InvariantCulture));
                    break;
                default:
                    Say(client.Do(command, samples) ?? AnswerCommon(command[0]));
                    break;
            }
        }
    }

    private static void PlayHog()
    {
        new Thread(static () =>
        {
            while (true)
            {
            }
        })
        { IsBackground = true, Name = "hog" }.Start();
        Say("burning");
        while (Console.In.ReadLine() is not null)
        {
        }
    }

    private static string AnswerCommon(string command) => command switch
    {
        "cpu" => Text((long)Environment.CpuUsage.TotalTime.TotalMicroseconds),
        "allocated" => Text(GC.GetTotalAllocatedBytes(precise: true)),
        "private" => Text(PrivateMemory.Bytes()),
        "managed" => Text(PrivateMemory.ManagedBytes()),
        _ => throw new BenchmarkException($"Unknown command '{command}'."),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Say(long number) => Say(Text(number));

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
