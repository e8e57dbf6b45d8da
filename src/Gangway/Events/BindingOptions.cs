// SPDX-License-Identifier: MIT

namespace Gangway;

/// <summary>How a bound source is delivered.</summary>
public readonly record struct BindingOptions
{
    /// <summary>The lowest priority.</summary>
    public const int LowestPriority = 15;

    private readonly int _priorityAbove;

    /// <summary>Makes the default: priority 7, <see cref="TriggerMode.OneShot"/>.</summary>
    public BindingOptions()
    {
    }

    /// <summary>
    /// 0, the highest, to 15. Default: 7. Higher ones come first, but after 64 of them one of a lower is served
    /// (<see cref="EventPortOptions.StarvationBound"/>). Source: Xen's event channels.
    /// </summary>
    public int Priority
    {
        // Stored from the default, so that `default` is the default.
        get => _priorityAbove + 7;
        init => _priorityAbove = value - 7;
    }

    /// <summary>When it makes a packet. Default: <see cref="TriggerMode.OneShot"/>.</summary>
    public TriggerMode Mode { get; init; }

    /// <summary>Whether it starts masked. Default: false.</summary>
    public bool IsMasked { get; init; }

    internal void Validate()
    {
        if (Priority is < 0 or > LowestPriority)
            throw new ArgumentException($"A priority is between 0 and {LowestPriority}, and this is {Priority}.", nameof(Priority));
        if (!Enum.IsDefined(Mode))
            throw new ArgumentException($"{Mode} is no trigger mode.", nameof(Mode));
    }
}
