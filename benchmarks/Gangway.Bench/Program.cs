// SPDX-License-Identifier: MIT

using Gangway.Bench.Harness;
using Gangway.Bench.Questions;
using Gangway.Bench.Roles;

namespace Gangway.Bench;

/// <summary><c>./bench NAME [--quick]</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is [['@', ..], ..])
        {
            return Role.Play(arguments);
        }

        bool quick = arguments.Contains("--quick");
        string[] names = [.. arguments.Where(argument => argument != "--quick")];
        if (names is ["list"])
        {
            foreach (Question question in Question.All)
            {
                Console.Out.WriteLine($"{question.Name}\t{question.Text}");
            }

            return 0;
        }

        Question[] asked = [.. Question.All.Where(question => names is [var name] && (name == "all" || name == question.Name))];
        if (asked.Length == 0)
        {
            Console.Error.WriteLine($"usage: ./bench {string.Join('|', Question.All.Select(q => q.Name))}|all|list [--quick]");
            return 2;
        }

        try
        {
            foreach (Question question in asked)
            {
                question.Answer(quick ? Effort.Quick : Effort.Full);
            }

            Progress.Say("done");
            return 0;
        }
        catch (BenchmarkException failed)
        {
            Progress.Say($"failed: {failed.Message}");
            return 1;
        }
    }
}
