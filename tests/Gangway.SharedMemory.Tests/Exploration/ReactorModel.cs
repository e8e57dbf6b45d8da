// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>What wakes a sleeping reactor: a bell of the peer, or a request of one of its own threads.</summary>
internal sealed class ReactorModel(string name)
{
    private bool _isRung;
    private bool _isAsked;
    private bool _isStopped;

    internal void Reset() => _isRung = _isAsked = _isStopped = false;

    /// <summary>The peer rings the connection's socket.</summary>
    internal void Ring()
    {
        Explorer.Park(static () => true, $"{name}: ring");
        _isRung = true;
    }

    /// <summary><c>Reactor.Attend</c>.</summary>
    internal void Attend()
    {
        Explorer.Park(static () => true, $"{name}: attend");
        _isAsked = true;
    }

    /// <summary>Nobody needs it any more: it ends when it has done what it was asked.</summary>
    internal void Stop()
    {
        Explorer.Park(static () => true, $"{name}: stop");
        _isStopped = true;
    }

    /// <summary>Sleeps until there is something.</summary>
    /// <returns>False when it was stopped and there is nothing else. It may also wake for no reason.</returns>
    internal bool Wait(out bool isRung, out bool isAsked)
    {
        Explorer.Park(() => _isRung || _isAsked || _isStopped, $"{name}: wait");
        (isRung, isAsked) = (_isRung, _isAsked);
        _isRung = _isAsked = false;
        return isRung || isAsked || !_isStopped;
    }
}
