// SPDX-License-Identifier: MIT

namespace Gangway.Process.Peer;

/// <summary>
/// One caller that awaits: numbers its calls, gives some a deadline and cancels some in the middle, checks every reply and
/// every status against the journal. Many of them share a connection.
/// </summary>
/// <param name="journal">Where.</param>
/// <param name="lane">Its lane there, which nobody else writes.</param>
/// <param name="seed">What decides about deadlines and cancels.</param>
public sealed class AwaitingLane(Journal journal, int lane, int seed)
{
    private readonly byte[] _request = new byte[Endpoint.PayloadBytesMax];
    private readonly byte[] _reply = new byte[Transaction.ReplyBytesMax];
    private readonly Dictionary<Status, int> _ends = [];
    private long _called;
    private long _answered;
    private volatile bool _stop;

    /// <summary>Calls that came back with <see cref="Status.Ok"/> and the right reply.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>How often a call ended how. Read when it is at rest.</summary>
    public IReadOnlyDictionary<Status, int> Ends => _ends;

    /// <summary>What was wrong; null while nothing was.</summary>
    public string? Complaint { get; private set; }

    /// <summary>The last call, if the journal must say that it was not executed; else 0.</summary>
    public long NotExecuted { get; private set; }

    /// <summary>Has it stop by itself after what it is doing.</summary>
    public void Stop() => _stop = true;

    /// <summary>Calls until the connection ends.</summary>
    public async Task RunAsync(Endpoint endpoint)
    {
        var random = new Random(unchecked((seed * 397) + lane));
        Status status = Status.Ok;
        while (!_stop && Complaint is null && status is not (Status.NotConnected or Status.NotSent or Status.OutcomeUnknown))
        {
            status = await CallAsync(endpoint, random).ConfigureAwait(false);
            _ends[status] = _ends.GetValueOrDefault(status) + 1;
            if (status == Status.Overloaded)
            {
                await Task.Yield();
            }
            else if (random.Next(256) == 0)
            {
                await Task.Delay(1).ConfigureAwait(false); // So that both sides fall asleep now and then.
            }
        }
    }

    /// <summary>What is wrong with what the journal says now that the server or the lane is at rest; null if nothing is.</summary>
    public string? Judge()
    {
        long executed = journal[lane, JournalWord.Executed];
        string story = $"lane {lane}: {_called} called, {_answered} answered, {executed} executed last, {string.Join(", ", _ends)}";
        bool isGood = Complaint is null
            && executed <= _called
            && executed >= journal[lane, JournalWord.Answered]
            && (NotExecuted == 0 || executed < NotExecuted)
            && journal[lane, JournalWord.CallRepeats] == 0
            && journal[0, JournalWord.Torn] == 0;
        return isGood ? null : $"{story}; not executed {NotExecuted}, repeats {journal[lane, JournalWord.CallRepeats]}; {Complaint}";
    }

    private async ValueTask<Status> CallAsync(Endpoint endpoint, Random random)
    {
        long number = ++_called;
        int bytes = JournalRecord.Write(_request, lane, number);
        Deadline deadline = random.Next(8) == 0 ? Deadline.After(TimeSpan.FromTicks(random.Next(1, 5_000))) : default;
        using CancellationTokenSource? source = random.Next(8) == 0 ? new CancellationTokenSource() : null;
        ValueTask<CallResult> call = endpoint.CallAsync(
            JournalOperation.Execute, _request.AsSpan(0, bytes), _reply, deadline, source?.Token ?? default);
        if (source is not null)
        {
            Thread.SpinWait(random.Next(2_000));
            source.Cancel();
        }

        CallResult result = await call.ConfigureAwait(false);
        switch (result.Status)
        {
            case Status.Ok when !JournalRecord.IsReply(_reply.AsSpan(0, result.Length), lane, number):
                Complaint = $"call {number}: a reply of {result.Length} bytes that is another's";
                break;
            case Status.Ok when journal[lane, JournalWord.Executed] < number:
                Complaint = $"call {number}: answered and not executed";
                break;
            case Status.Ok:
                Volatile.Write(ref _answered, _answered + 1);
                journal[lane, JournalWord.Answered] = number;
                break;
            case Status.DeadlineExceeded when deadline.HasPassed:
            case Status.Cancelled when source is not null:
            case Status.OutcomeUnknown:
                break;
            case Status.NotConnected or Status.NotSent or Status.Overloaded:
                NotExecuted = result.Status == Status.Overloaded ? 0 : number;
                if (journal[lane, JournalWord.Executed] >= number)
                {
                    Complaint = $"call {number}: {result.Status}, and it was executed";
                }

                break;
            default:
                Complaint = $"call {number}: {result.Status}";
                break;
        }

        return result.Status;
    }
}
