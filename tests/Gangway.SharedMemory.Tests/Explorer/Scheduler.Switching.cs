// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.SharedMemory.Tests;

/// <summary>What may happen next, before a step and where the running thread cannot go on.</summary>
internal sealed partial class Scheduler
{
    /// <summary>A thread is about to do a step. Comes back when it may.</summary>
    internal void Arrive(Worker self, in Access access)
    {
        CheckAlive(self);
        if (_step >= _settings.StepsMax)
        {
            Fail($"more than {_settings.StepsMax} steps: do the threads make progress?");
            throw ThreadEnded.Instance;
        }

        bool isSwitchPoint = access.IsShared || _settings.IsUnreduced;
        bool mayStop = (access.HasEffect || _settings.IsUnreduced) && MayStop(self.Process);
        if (isSwitchPoint || mayStop)
            Decide(self, access, isSwitchPoint, mayStop);
        _step++;
    }

    private void Decide(Worker self, in Access access, bool isSwitchPoint, bool mayStop)
    {
        Option goOn = new(OptionKind.Run, self.Index);
        while (true)
        {
            _options.Clear();
            _options.Add(goOn);
            if (isSwitchPoint)
            {
                if (_preemptions < _settings.Preemptions)
                    AddOthers(self);
                if (access.Kind == AccessKind.Kernel || IsAnyBlocked)
                    AddNotices(doomedOnly: false);
            }

            if (mayStop)
                _options.Add(new Option(OptionKind.Stop, self.Index));

            Option chosen = Choose(CollectionsMarshal.AsSpan(_options), goOn);
            if (chosen == goOn)
                return;
            switch (chosen.Kind)
            {
                case OptionKind.Notice:
                    NoticeDeath(chosen.Index);
                    continue;
                case OptionKind.Stop:
                    Stop(self);
                    break;
                default:
                    _preemptions++;
                    self.Pending = access;
                    self.IsAsleep = !_settings.IsUnreduced && (access.Kind != AccessKind.Kernel || !MayNotice);
                    Worker other = Take(chosen);
                    SwitchTo(self, other);
                    self.IsAsleep = false;
                    if (!access.HasEffect || (_doomed >> self.Process & 1) == 0)
                        return;

                    // Another thread of its process was killed meanwhile: it may be stopped here.
                    isSwitchPoint = false;
                    mayStop = true;
                    continue;
            }
        }
    }

    private void AddOthers(Worker self)
    {
        foreach (Worker other in _workers)
        {
            if (other == self || other.IsOver)
                continue;
            if (other.IsEnabled)
            {
                if (!other.IsAsleep)
                    _options.Add(new Option(OptionKind.Run, other.Index));
            }
            else if (_wakes < _settings.NeedlessWakes)
            {
                _options.Add(new Option(
                    other.MayTimeOut ? OptionKind.TimeOut : OptionKind.Spurious, other.Index));
            }
        }
    }

    private Worker? PickNext()
    {
        while (true)
        {
            if (_isEnding)
                return Array.Find(_workers, worker => worker.IsInBody) ?? CompleteExecution();

            if (!TryOfferNext(out Option canonical))
            {
                GiveUp();
                continue;
            }

            Option chosen = Choose(CollectionsMarshal.AsSpan(_options), canonical);
            if (chosen.Kind != OptionKind.Notice)
                return Take(chosen);
            NoticeDeath(chosen.Index);
        }
    }

    /// <summary>Collects what may happen when the thread that ran cannot go on.</summary>
    /// <returns>False when nothing is sure to happen any more.</returns>
    private bool TryOfferNext(out Option canonical)
    {
        _options.Clear();
        canonical = new Option(OptionKind.Run, -1);
        foreach (Worker worker in _workers)
        {
            if (!worker.IsEnabled)
                continue;
            if (canonical.Index < 0)
                canonical = new Option(OptionKind.Run, worker.Index);
            if (!worker.IsAsleep)
                _options.Add(new Option(OptionKind.Run, worker.Index));
        }

        foreach (Worker worker in _workers)
        {
            if (worker is { State: WorkerState.Blocked, MayTimeOut: true, IsEnabled: false })
                _options.Add(new Option(OptionKind.TimeOut, worker.Index));
        }

        int before = _options.Count;
        AddNotices(doomedOnly: before == 0);
        if (_options.Count == 0)
            return false;
        if (canonical.Index < 0)
            canonical = _options[0];
        return true;
    }

    /// <summary>Nothing more will happen: it is the end, a repetition, or a deadlock.</summary>
    private void GiveUp()
    {
        if (Array.Exists(_workers, worker => worker.IsAsleep && worker.IsEnabled))
        {
            _isPruned = true;
            _isEnding = true;
            return;
        }

        IEnumerable<Worker> blocked = _workers.Where(worker => !worker.IsOver);
        if (blocked.Any())
            Fail("deadlock, or a lost wake-up: " + string.Join(", ", blocked.Select(worker => worker.Name)) + " blocked for ever");
        _isEnding = true;
    }

    private Worker Take(Option option)
    {
        Worker worker = _workers[option.Index];
        if (option.Kind is OptionKind.TimeOut or OptionKind.Spurious)
        {
            _wakes++;
            _step++;
            worker.Forced = option.Kind == OptionKind.TimeOut ? WaitEnd.TimedOut : WaitEnd.Spurious;
            WakeForKernel(worker);
            Note($"{worker.Name} wakes: {option.Kind}");
        }

        return worker;
    }
}
