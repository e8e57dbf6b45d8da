// SPDX-License-Identifier: MIT

namespace Gangway.Tests;

/// <summary>The write baton handed to the reactor at awkward moments: what was sent still goes, and an end still ends.</summary>
/// <remarks>The hand-over itself, which needs 64 records of others in one go, is played by reflection.</remarks>
[Rule("SH-01")]
public sealed class HandOverTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(15);

    [Fact]
    public void HandOver_BeforeTheReactorKnowsTheLink_IsNotForgotten()
    {
        var isBusy = new Gate();
        var mayGoOn = new Gate();
        var arrived = new Gate();
        using Pair busy = Pair.Make(
            new ScriptedHandler { Connect = server => server.TrySend(1, []) },
            new ScriptedHandler
            {
                Message = (_, _) =>
                {
                    isBusy.Open();
                    mayGoOn.Pass();
                },
            });
        isBusy.MustOpen("the handler that keeps the clients' reactor");
        try
        {
            using Pair pair = Pair.Make(new ScriptedHandler { Message = (_, _) => arrived.Open() });
            TakeBaton(pair.Client);
            Insides.Invoke(Insides.Link(pair.Client), "HandBatonToReactor");
            Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
            mayGoOn.Open();
            Watchdog.Until(() => arrived.IsOpen, s_bound, "the message that was queued");
        }
        finally
        {
            mayGoOn.Open();
        }
    }

    [Fact]
    public void HandOver_WithRecordsInTheOutbox_IsWrittenByTheReactor()
    {
        int arrived = 0;
        using Pair pair = Pair.Make(new ScriptedHandler { Message = (_, _) => Interlocked.Increment(ref arrived) });
        TakeBaton(pair.Client);
        for (int i = 0; i < 10; i++)
            Assert.Equal(Status.Ok, pair.Client.TrySend(1, []));
        Assert.Equal(0, pair.Client.Statistics.MessagesSent);
        Insides.Invoke(Insides.Link(pair.Client), "HandBatonToReactor");
        Watchdog.Until(() => Volatile.Read(ref arrived) == 10, s_bound, "the messages that were queued");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_WithTheBatonHandedOver_EndsAndDeliversWhatWasSent(bool ofTheListener)
    {
        int arrived = 0;
        var count = new ScriptedHandler { Message = (_, _) => Interlocked.Increment(ref arrived) };
        using Pair pair = Pair.Make(ofTheListener ? ScriptedHandler.Echo() : count, ofTheListener ? count : null);
        Assert.NotEqual(Status.NotConnected, Watchdog.Run(() => pair.Client.Call(1, [], [])).Status);
        Endpoint sender = ofTheListener ? pair.Server : pair.Client;
        TakeBaton(sender);
        Assert.Equal(Status.Ok, sender.TrySend(1, []));
        Assert.Equal(Status.Ok, sender.TrySend(1, []));

        // The end finds the baton held, and waits for its holder, who hands it over.
        object link = Insides.Link(sender);
        var disposing = new Thread(() => (ofTheListener ? pair.Listener : (IDisposable)sender).Dispose()) { IsBackground = true };
        disposing.Start();
        Watchdog.Until(() => (int)Insides.Field(link, "_endReason") != 0, "the end to begin");
        Insides.Invoke(link, "HandBatonToReactor");
        Watchdog.Run(disposing.Join, s_bound, "Dispose");
        Watchdog.Until(() => Volatile.Read(ref arrived) == 2, s_bound, "what was sent before");
    }

    private static void TakeBaton(Endpoint endpoint)
    {
        object baton = Insides.Field(Insides.Field(Insides.Link(endpoint), "_sender"), "_baton");
        Assert.True((bool)Insides.Invoke(baton, "TryTake")!);
    }
}
