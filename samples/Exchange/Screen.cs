// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Spectre.Console;

namespace Gangway.Samples.Exchange;

/// <summary>One line that says how it goes: live on a terminal, else a plain line each second.</summary>
internal static class Screen
{
    private static readonly TimeSpan s_plainInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_liveInterval = TimeSpan.FromMilliseconds(200);
    private static long s_shown = Stopwatch.GetTimestamp();

    /// <summary>Shows a line again and again, until something is done. On the caller's thread.</summary>
    internal static void While(Func<string> line, Func<bool> isDone)
    {
        if (Console.IsOutputRedirected)
        {
            Repeat(isDone, s_plainInterval, () => Console.WriteLine(line()));
            return;
        }

        AnsiConsole.Live(new Markup("")).AutoClear(true).Start(
            context => Repeat(isDone, s_liveInterval, () => context.UpdateTarget(new Markup($"[green]{Markup.Escape(line())}[/]"))));
    }

    private static void Repeat(Func<bool> isDone, TimeSpan interval, Action show)
    {
        for (; !isDone(); Thread.Sleep(20))
        {
            if (Stopwatch.GetElapsedTime(s_shown) < interval)
                continue;
            show();
            s_shown = Stopwatch.GetTimestamp();
        }
    }
}
