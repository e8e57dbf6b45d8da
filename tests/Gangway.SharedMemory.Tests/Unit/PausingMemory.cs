// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests.Unit;

/// <summary>The processor's memory, with a stop before a step of one thread: what a preemption at that place does.</summary>
internal readonly struct PausingMemory : IMemory
{
    [ThreadStatic]
    private static Pause? t_pause;

    /// <summary>Stops the calling thread before its next step of an order, once.</summary>
    internal static Pause At(Order order) => t_pause = new Pause(order);

    public static uint Read(ref readonly uint word, Order order)
    {
        Step(order);
        return ProcessMemory.Read(in word, order);
    }

    public static ulong Read(ref readonly ulong word, Order order)
    {
        Step(order);
        return ProcessMemory.Read(in word, order);
    }

    public static void Write(ref uint word, uint value, Order order)
    {
        Step(order);
        ProcessMemory.Write(ref word, value, order);
    }

    public static void Write(ref ulong word, ulong value, Order order)
    {
        Step(order);
        ProcessMemory.Write(ref word, value, order);
    }

    public static void Fence(Order order)
    {
        Step(order);
        ProcessMemory.Fence(order);
    }

    public static void FenceAll(Order order)
    {
        Step(order);
        ProcessMemory.FenceAll(order);
    }

    public static uint CompareExchange(ref uint word, uint value, uint comparand, Order order)
    {
        Step(order);
        return ProcessMemory.CompareExchange(ref word, value, comparand, order);
    }

    public static ulong CompareExchange(ref ulong word, ulong value, ulong comparand, Order order)
    {
        Step(order);
        return ProcessMemory.CompareExchange(ref word, value, comparand, order);
    }

    public static void CopyOut(ref byte shared, ReadOnlySpan<byte> source, Order order)
    {
        Step(order);
        ProcessMemory.CopyOut(ref shared, source, order);
    }

    public static void CopyIn(Span<byte> destination, ref readonly byte shared, Order order)
    {
        Step(order);
        ProcessMemory.CopyIn(destination, in shared, order);
    }

    private static void Step(Order order)
    {
        if (t_pause is { } pause && pause.Order == order)
        {
            t_pause = null;
            pause.Stop();
        }
    }

    /// <summary>One stop.</summary>
    internal sealed class Pause(Order order)
    {
        private readonly TaskCompletionSource _hasStopped = new();
        private readonly TaskCompletionSource _mayGoOn = new();

        internal Order Order { get; } = order;

        /// <summary>Waits until the thread stands there.</summary>
        internal void WaitUntilStopped() => Watchdog.Run(_hasStopped.Task.Wait);

        /// <summary>Lets it go on.</summary>
        internal void GoOn() => _mayGoOn.SetResult();

        internal void Stop()
        {
            _hasStopped.SetResult();
            _mayGoOn.Task.Wait();
        }
    }
}
