// SPDX-License-Identifier: MIT

namespace Gangway.Repository.Tests.Tree;

/// <summary>A source text taken apart: the code without comments and literals, and the comments alone.</summary>
/// <remarks>Both halves have the length and the line breaks of the original, so a position means the same in all three.</remarks>
public sealed class CSharpText
{
    private readonly string _text;
    private readonly char[] _code;
    private readonly char[] _comments;
    private int _at;

    private CSharpText(string text)
    {
        _text = text;
        _code = Blank(text);
        _comments = Blank(text);
        ScanCode(closingBrace: false);
        Code = new string(_code);
        Comments = new string(_comments);
    }

    /// <summary>The code; comments and what stands inside literals are blanks.</summary>
    public string Code { get; }

    /// <summary>The comments; all else is blank.</summary>
    public string Comments { get; }

    /// <summary>Takes a text apart.</summary>
    public static CSharpText Parse(string text) => new(text);

    /// <summary>The one-based line of a position.</summary>
    public static int LineOf(string text, int position) => text.AsSpan(0, position).Count('\n') + 1;

    private static char[] Blank(string text)
    {
        char[] blank = text.ToCharArray();
        for (int i = 0; i < blank.Length; i++)
        {
            blank[i] = blank[i] == '\n' ? '\n' : ' ';
        }

        return blank;
    }

    // Up to the end of the text, or to the brace that closes an interpolation.
    private void ScanCode(bool closingBrace)
    {
        int depth = 0;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (closingBrace && c == '}' && depth == 0)
            {
                return;
            }

            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (Starts("//"))
            {
                CopyComment(_text.IndexOf('\n', _at) is var end and >= 0 ? end : _text.Length);
            }
            else if (Starts("/*"))
            {
                CopyComment(_text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is var end and >= 0 ? end + 2 : _text.Length);
            }
            else if (c == '\'')
            {
                ScanQuoted('\'', interpolated: false, verbatim: false);
            }
            else if (!TryScanString())
            {
                _code[_at] = c;
                _at++;
            }
        }
    }

    private bool TryScanString()
    {
        int quote = _at;
        while (quote < _text.Length && _text[quote] is '$' or '@')
        {
            quote++;
        }

        if (quote >= _text.Length || _text[quote] != '"')
        {
            return false;
        }

        int dollars = _text.AsSpan(_at, quote - _at).Count('$');
        bool verbatim = _text.AsSpan(_at, quote - _at).Contains('@');
        _at = quote;
        int quotes = 0;
        while (quote + quotes < _text.Length && _text[quote + quotes] == '"')
        {
            quotes++;
        }

        if (quotes >= 3 && !verbatim)
        {
            ScanRaw(quotes, dollars);
        }
        else
        {
            ScanQuoted('"', dollars > 0, verbatim);
        }

        return true;
    }

    private void ScanQuoted(char quote, bool interpolated, bool verbatim)
    {
        _code[_at++] = quote;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == quote && verbatim && _at + 1 < _text.Length && _text[_at + 1] == quote)
            {
                _at += 2;
            }
            else if (c == quote)
            {
                _code[_at++] = quote;
                return;
            }
            else if (c == '\\' && !verbatim)
            {
                _at += 2;
            }
            else if (interpolated && c == '{' && !Starts("{{"))
            {
                ScanHole();
            }
            else
            {
                _at += interpolated && Starts("{{") ? 2 : 1;
            }
        }
    }

    private void ScanRaw(int quotes, int dollars)
    {
        string end = new('"', quotes);
        string open = new('{', Math.Max(dollars, 1));
        _at += quotes;
        while (_at < _text.Length && !Starts(end))
        {
            if (dollars > 0 && Starts(open))
            {
                _at += dollars - 1;
                ScanHole();
                _at += dollars - 1;
            }
            else
            {
                _at++;
            }
        }

        _at = Math.Min(_at + quotes, _text.Length);
    }

    private void ScanHole()
    {
        _code[_at++] = '{';
        ScanCode(closingBrace: true);
        if (_at < _text.Length)
        {
            _code[_at++] = '}';
        }
    }

    private void CopyComment(int end)
    {
        _text.AsSpan(_at, end - _at).CopyTo(_comments.AsSpan(_at));
        _at = end;
    }

    private bool Starts(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;
}
