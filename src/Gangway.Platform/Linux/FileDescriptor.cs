// SPDX-License-Identifier: MIT

namespace Gangway.Platform;

/// <summary>A descriptor of something that has no type of its own here: a memfd, a directory, a lock file.</summary>
internal sealed class FileDescriptor : Descriptor
{
    /// <summary>Takes ownership of an open descriptor.</summary>
    internal FileDescriptor(int number)
        : base(number)
    {
    }
}
