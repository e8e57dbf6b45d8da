// SPDX-License-Identifier: MIT

using System.Globalization;
using Gangway.Testing;
using Xunit;
using Xunit.Sdk;

namespace Gangway.Repository.Tests.TestLibrary;

public sealed class ChildProcessTests
{
    [Fact]
    public void ReadLine_LinesAndErrors_ComeApart()
    {
        using ChildProcess child = ChildProcess.Start("sh", "-c", "echo one; echo two; echo bad >&2; exit 3");
        Assert.Equal("one", child.ReadLine());
        Assert.Equal("two", child.ReadLineStarting("t"));
        Assert.Null(child.TryReadLine());
        Assert.Equal(3, child.WaitForExit());
        Watchdog.Until(() => child.Errors.Contains("bad", StringComparison.Ordinal), "standard error");
    }

    [Fact]
    public void ReadLine_ProcessEndsWithoutOne_Fails()
    {
        using ChildProcess child = ChildProcess.Start("sh", "-c", "exit 0");
        Assert.Throws<XunitException>(() => child.ReadLine());
    }

    [Fact]
    public void CloseInput_ChildThatReadsToTheEnd_Ends()
    {
        using ChildProcess child = ChildProcess.Start("cat");
        child.WriteLine("hello");
        Assert.Equal("hello", child.ReadLine());
        child.CloseInput();
        Assert.Equal(0, child.WaitForExit());
    }

    [Fact]
    public void Kill_RunningChild_EndsIt()
    {
        using ChildProcess child = ChildProcess.Start("cat");
        child.Kill();
        Assert.Equal(128 + 9, child.WaitForExit());
    }

    [Fact]
    public void Id_Launched_IsTheProgramsOwn()
    {
        using ChildProcess child = ChildProcess.Start("sh", "-c", "echo $$; cat");
        Assert.Equal(child.Id.ToString(CultureInfo.InvariantCulture), child.ReadLine());
    }

    // The starting thread of a test ends long before its child should.
    [Fact]
    public void Start_StartingThreadEnds_ChildLivesOn()
    {
        ChildProcess? child = null;
        var thread = new Thread(() => child = ChildProcess.Start("cat"));
        thread.Start();
        Watchdog.Join(thread);
        child!.WriteLine("alive");
        Assert.Equal("alive", child.ReadLine());
        child.Dispose();
    }

    [Fact]
    public void Start_ParentKilled_KernelKillsTheChild() => KillParentAndWatchChild("");

    [NeedsFact(Need.Root)]
    public void Start_ParentKilled_KernelKillsTheChildOfAnotherUserToo() =>
        KillParentAndWatchChild("--reuid=65534 --regid=65534 --clear-groups ");

    [NeedsFact(Need.Root)]
    public void Start_AsAnotherUser_RunsAsThatUser()
    {
        using ChildProcess child = ChildProcess.Start(new ChildProcessStart
        {
            Program = "sh",
            Arguments = ["-c", "id -u; id -g; cat"],
            UserId = 65534,
        });
        Assert.Equal("65534", child.ReadLine());
        Assert.Equal("65534", child.ReadLine());
    }

    // A process killed with SIGKILL runs no clean-up, so only the kernel can end its children.
    private static void KillParentAndWatchChild(string user)
    {
        using ChildProcess parent = ChildProcess.Start(
            "sh", "-c", $"setpriv {user}--pdeathsig=KILL -- sh -c 'trap \"\" HUP TERM; echo $$; exec tail -f /dev/null' & wait");
        string child = "/proc/" + parent.ReadLine();
        Assert.True(System.IO.Directory.Exists(child));
        parent.Kill();
        Watchdog.Until(() => IsGone(child), "the child of the killed process");
    }

    private static bool IsGone(string process)
    {
        try
        {
            return File.ReadAllText(process + "/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
