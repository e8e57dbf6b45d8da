// SPDX-License-Identifier: MIT

namespace Gangway.SharedMemory.Tests;

/// <summary>How the notice for refused senders can be used wrongly.</summary>
internal enum SendPossibleFlaw
{
    None,

    /// <summary>A refused sender does not look once more behind its mark.</summary>
    NoLookBehindMark,

    /// <summary>A refused sender looks without saying its wish.</summary>
    NoWish,

    /// <summary>Whoever finds room posts, whether its swap found the mark or not.</summary>
    PostsWithoutSwap,

    /// <summary>The notice comes as soon as anything moved, whatever room there is.</summary>
    PostsWithoutRoom,

    /// <summary>The reactor does not look for refused senders before it sleeps.</summary>
    SleepsWithoutLook,

    /// <summary>Who withdraws the wish does not ask the reactor to look for those who were refused meanwhile.</summary>
    WithdrawsWithoutRefused,

    /// <summary>Who withdraws the wish does not wake those who blocked meanwhile.</summary>
    WithdrawsWithoutBlocked,

    /// <summary>The wish is withdrawn without a look at who else has it, before or after.</summary>
    WithdrawsBlindly,

    /// <summary>Who frees a slot tells nobody.</summary>
    FreesSilently,
}
