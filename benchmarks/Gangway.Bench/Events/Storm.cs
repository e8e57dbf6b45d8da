// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Events;

/// <summary>A thread that signals one notification as fast as it can, while it is told to.</summary>
internal sealed class Storm : IDisposable
{
    private readonly Notification _source;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _isOn = new();
    private bool _isEnded;
    private long _signals;

    /// <summary>Starts it, still.</summary>
    public Storm(Notification source)
    {
        _source = source;
        _thread = new Thread(Run) { IsBackground = true, Name = "storm" };
        _thread.Start();
    }

    /// <summary>How many signals there were.</summary>
    public long Signals => Volatile.Read(ref _signals);

    /// <summary>Lets it rage, or not.</summary>
    public void Set(bool isOn)
    {
        if (isOn)
        {
            _isOn.Set();
        }
        else
        {
            _isOn.Reset();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isEnded, true);
        _isOn.Set();
        _thread.Join();
        _isOn.Dispose();
    }

    private void Run()
    {
        while (!Volatile.Read(ref _isEnded))
        {
            _isOn.Wait();
            while (_isOn.IsSet && !Volatile.Read(ref _isEnded))
            {
                for (int i = 0; i < 64; i++)
                {
                    _source.Signal(1);
                }

                Volatile.Write(ref _signals, _signals + 64);
            }
        }
    }
}
