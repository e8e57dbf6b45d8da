// SPDX-License-Identifier: MIT

using System.Text;

namespace Gangway.Tests;

/// <summary>A random program, run in the kernel and in Gangway side by side.</summary>
/// <param name="steps">What it does.</param>
/// <param name="isMixed">
/// Whether it has signals and files, and sets that hold both: then what a wait reports is compared without its order, with few
/// places what several waits report, and a set is in another without Edge; see the remarks of <see cref="EpollSet"/>.
/// </param>
internal sealed class EpollProgram(EpollStep[] steps, bool isMixed)
{
    private const int WidestWait = 24;
    private const int TurnsMax = 200;

    /// <summary>How many reports there were in the kernel.</summary>
    internal int Reports { get; private set; }

    /// <summary>Which error numbers came in the kernel, a bit for each.</summary>
    internal ulong Errors { get; private set; }

    /// <summary>Makes one.</summary>
    /// <param name="random">Where its steps come from.</param>
    /// <param name="hasSignals">Whether notifications, eventfds in the kernel, are among its sources.</param>
    /// <param name="hasFiles">Whether pipes and sockets are.</param>
    internal static EpollProgram Make(Random random, bool hasSignals, bool hasFiles)
    {
        bool isMixed = hasSignals && hasFiles;
        int sets = random.Next(1, 4);
        var steps = new EpollStep[random.Next(6, 28)];
        for (int i = 0; i < steps.Length; i++)
        {
            int set = random.Next(sets);
            int source = Source(random, sets, hasSignals, hasFiles);
            EpollMask mask = Mask(random);
            if (isMixed && source >= EpollWorld.FirstSet)
                mask &= ~EpollMask.Edge;
            int leaf = random.Next(isMixed ? 2 : 1) == 0 && hasSignals
                ? Signal(random)
                : EpollWorld.FirstFile + random.Next(EpollFiles.Slots);
            bool isFile = leaf is >= EpollWorld.FirstFile and < EpollWorld.FirstSet;
            int dice = random.Next(100);
            steps[i] = dice switch
            {
                < 30 => new(EpollAct.Wait, set, 0, isMixed && random.Next(2) == 0 ? WidestWait : random.Next(1, 4), default),
                < 50 => new(EpollAct.Add, set, source, 0, mask),
                < 60 => new(EpollAct.Modify, set, source, 0, mask),
                < 65 => new(EpollAct.Remove, set, source, 0, default),
                < 82 => new(EpollAct.Signal, 0, leaf, random.Next(1, 5), default),
                < 92 => new(EpollAct.Take, 0, leaf, random.Next(1, 5), default),
                < 94 => new(EpollAct.CloseSet, set, 0, 0, default),
                < 96 when isFile => new(EpollAct.Copy, 0, leaf, random.Next(EpollFiles.Slots), default),
                < 98 when isFile => new(EpollAct.CloseFile, 0, leaf, 0, default),
                < 99 when isFile => new(EpollAct.ClosePeer, 0, leaf, 0, default),
                _ when isFile => new(EpollAct.ShutDown, 0, leaf, 0, default),
                _ => new(EpollAct.Signal, 0, leaf, 1, default),
            };
        }

        return new EpollProgram(steps, isMixed);
    }

    /// <summary>Runs it in both worlds.</summary>
    /// <returns>Null when all steps gave the same in both; else what the first one gave that did not.</returns>
    internal string? Run()
    {
        using EpollWorld kernel = new KernelWorld(), gangway = new GangwayWorld(portsUseKernel: isMixed);
        for (int i = 0; i < steps.Length; i++)
        {
            ulong data = (ulong)(100 * i + steps[i].Source);
            if (Compare(steps[i], data) is { } difference)
                return $"step {i}: {difference}";
        }

        // Whatever is left, and that it rotates.
        for (int round = 0; round < 3; round++)
        {
            for (int set = 0; set < 3; set++)
            {
                var wait = new EpollStep(EpollAct.Wait, set, 0, isMixed ? WidestWait : 2, default);
                if (Compare(wait, 0) is { } difference)
                    return $"at the end, set {set}, round {round}: {difference}";
            }
        }

        return null;

        string? Compare(EpollStep step, ulong data)
        {
            if (isMixed && step is { Act: EpollAct.Wait, Count: < WidestWait })
                return CompareTurns(step, kernel, gangway);
            Span<EpollReport> expected = stackalloc EpollReport[WidestWait], found = stackalloc EpollReport[WidestWait];
            int inKernel = step.Run(kernel, data, expected), inGangway = step.Run(gangway, data, found);
            if (step.Act is EpollAct.Add or EpollAct.Modify or EpollAct.Remove)
                Errors |= 1ul << inKernel;
            else if (step.Act == EpollAct.Wait)
                Reports += inKernel;
            if (step.Act != EpollAct.Wait)
                return inKernel == inGangway ? null : $"{step}: the kernel says {inKernel}, Gangway {inGangway}";
            expected = expected[..inKernel];
            found = found[..inGangway];
            if (isMixed)
            {
                expected.Sort(static (left, right) => left.Data.CompareTo(right.Data));
                found.Sort(static (left, right) => left.Data.CompareTo(right.Data));
            }

            return expected.SequenceEqual(found)
                ? null
                : $"{step}: the kernel reports '{EpollWorld.Text(expected)}', Gangway '{EpollWorld.Text(found)}'";
        }
    }

    /// <summary>A program that differs with as few steps as can be found by leaving steps out.</summary>
    internal EpollProgram Shrink()
    {
        EpollStep[] least = steps;
        bool hasShrunk = true;
        while (hasShrunk)
        {
            hasShrunk = false;
            for (int i = least.Length - 1; i >= 0; i--)
            {
                EpollStep[] fewer = [.. least[..i], .. least[(i + 1)..]];
                if (new EpollProgram(fewer, isMixed).Run() is null)
                    continue;
                least = fewer;
                hasShrunk = true;
            }
        }

        return new EpollProgram(least, isMixed);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (int i = 0; i < steps.Length; i++)
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  {i}: {steps[i]}");
        return text.ToString();
    }

    private static int Source(Random random, int sets, bool hasSignals, bool hasFiles)
    {
        if (hasSignals && random.Next(4) == 0)
            return EpollWorld.FirstSet + random.Next(sets);
        return hasSignals && (!hasFiles || random.Next(2) == 0)
            ? Signal(random)
            : EpollWorld.FirstFile + random.Next(EpollFiles.Slots);
    }

    /// <summary>A notification, the timer or a port.</summary>
    private static int Signal(Random random) => random.Next(8) switch
    {
        0 => EpollWorld.FirstTimer,
        1 or 2 => EpollWorld.FirstPort + random.Next(EpollWorld.Ports),
        _ => random.Next(EpollWorld.Signals),
    };

    /// <summary>Few places, and two kinds of sources: who comes first may differ, but not who has come when all had their turn.</summary>
    private string? CompareTurns(EpollStep step, EpollWorld kernel, EpollWorld gangway)
    {
        // In the kernel whoever comes for the third time has let all others come twice, or they do not come again.
        Dictionary<EpollReport, int> expected = [], found = [];
        while (Wait(kernel, expected) != 0 && expected.Values.Max() < 3)
        {
        }

        // Here each half has its turn, and then a turn for what should not have come.
        Reports += expected.Values.Sum();
        for (int waits = 0, left = WidestWait / step.Count + 1; waits < TurnsMax && left > 0; waits++)
        {
            if (Wait(gangway, found) == 0)
                break;
            if (expected.All(report => found.GetValueOrDefault(report.Key) >= Math.Min(report.Value, 2)))
                left--;
        }

        return Text(expected) == Text(found) ? null : $"{step}, in turns: the kernel reports '{Text(expected)}', Gangway '{Text(found)}'";

        int Wait(EpollWorld world, Dictionary<EpollReport, int> seen)
        {
            Span<EpollReport> reports = stackalloc EpollReport[WidestWait];
            int count = step.Run(world, 0, reports);
            foreach (EpollReport report in reports[..count])
                seen[report] = seen.GetValueOrDefault(report) + 1;
            return count;
        }

        static string Text(Dictionary<EpollReport, int> seen) => string.Join(' ', seen
            .OrderBy(static report => report.Key.Data).ThenBy(static report => report.Key.Events)
            .Select(static report => $"{report.Key.Data}:{(uint)report.Key.Events:x}{(report.Value > 1 ? "+" : "")}"));
    }

    private static EpollMask Mask(Random random)
    {
        EpollMask mask = default;
        if (random.Next(8) != 0)
            mask |= EpollMask.Readable;
        if (random.Next(3) == 0)
            mask |= EpollMask.Writable;
        if (random.Next(3) == 0)
            mask |= EpollMask.Edge;
        if (random.Next(5) == 0)
            mask |= EpollMask.OneShot;
        if (random.Next(8) == 0)
            mask |= EpollMask.PeerHangUp;
        if (random.Next(8) == 0)
            mask |= EpollMask.Exclusive;
        if (random.Next(16) == 0)
            mask |= EpollMask.ReadNormal;
        if (random.Next(16) == 0)
            mask |= EpollMask.Priority | EpollMask.Error | EpollMask.HangUp;
        return mask;
    }
}
