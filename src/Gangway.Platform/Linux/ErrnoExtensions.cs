// SPDX-License-Identifier: MIT

using System.Globalization;
using System.Runtime.InteropServices;

namespace Gangway.Platform;

/// <summary>What can be said about an <see cref="Errno"/>.</summary>
internal static class ErrnoExtensions
{
    /// <summary>Returns the name and the system's words for an error: <c>ECONNREFUSED (Connection refused)</c>.</summary>
    internal static string Describe(this Errno error)
    {
        if (error == Errno.None)
            return "no error";

        string name = Enum.GetName(error) ?? "errno " + ((int)error).ToString(CultureInfo.InvariantCulture);
        return name + " (" + Marshal.GetPInvokeErrorMessage((int)error) + ")";
    }
}
