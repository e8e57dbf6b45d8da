// SPDX-License-Identifier: MIT

namespace Gangway.Bench.Events;

/// <summary>A port with many notifications bound in edge mode, of which 64, spread evenly among them, are used.</summary>
internal sealed class BoundNotifications : IDisposable
{
    /// <summary>How many are used.</summary>
    public const int Active = 64;

    private readonly Notification[] _all;

    /// <summary>Binds so many.</summary>
    public BoundNotifications(int bound)
    {
        _all = new Notification[bound];
        Bindings = new Binding[bound];
        for (int i = 0; i < bound; i++)
        {
            _all[i] = new Notification();
            Bindings[i] = Port.Bind(_all[i], (ulong)i, Edge);
        }

        Keys = new int[Active];
        for (int i = 0; i < Active; i++)
        {
            Keys[i] = (int)((long)i * bound / Active);
        }
    }

    /// <summary>How all are bound.</summary>
    public static BindingOptions Edge => new() { Mode = TriggerMode.Edge };

    /// <summary>The port.</summary>
    public EventPort Port { get; } = new();

    /// <summary>By key.</summary>
    public Binding[] Bindings { get; }

    /// <summary>The keys of those that are used.</summary>
    public int[] Keys { get; }

    /// <summary>The one with a key.</summary>
    public Notification this[int key] => _all[key];

    /// <inheritdoc/>
    public void Dispose() => Port.Dispose();
}
