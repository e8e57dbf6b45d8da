// SPDX-License-Identifier: MIT

using System.Runtime.InteropServices;
using System.Text;

namespace Gangway.Platform;

// Paths as the kernel takes them.
internal sealed partial class UnixSocket
{
    /// <summary><c>struct sockaddr_un</c>.</summary>
    [CStruct("struct sockaddr_un")]
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct SockaddrUn
    {
        private const int PathBytes = 108;

        internal ushort sun_family;
        internal fixed byte sun_path[PathBytes];

        internal static Errno TryMake(string path, out SockaddrUn address)
        {
            address = new SockaddrUn { sun_family = AF_UNIX };

            // An empty path asks the kernel for a name of its choice, a leading zero for the abstract name space,
            // which has no permissions.
            if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
                return Errno.EINVAL;

            if (Encoding.UTF8.GetByteCount(path) >= PathBytes)
                return Errno.ENAMETOOLONG;

            // SAFETY: at least one byte of the array stays zero, as just checked; the span ends with the array.
            fixed (byte* bytes = address.sun_path)
            {
                Encoding.UTF8.GetBytes(path, new Span<byte>(bytes, PathBytes));
            }

            return Errno.None;
        }
    }
}
