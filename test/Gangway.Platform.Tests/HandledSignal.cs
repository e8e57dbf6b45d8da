// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;

namespace Gangway.Platform.Tests;

/// <summary>Gives SIGCONT a handler while it lives, so that the signal interrupts system calls and does no harm.</summary>
internal sealed class HandledSignal : IDisposable
{
    private readonly PosixSignalRegistration _registration =
        PosixSignalRegistration.Create(PosixSignal.SIGCONT, context => context.Cancel = true);

    public void Dispose() => _registration.Dispose();
}
