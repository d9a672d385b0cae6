// Owns a small JSON reader for the vector files, with their `$hex` and `$int`.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace EmotionRuntime.Runner
{
    /// <summary>Gives null, bool, long, ulong, double, string, byte[], List, Dictionary: as MsgPackReader.Value does.</summary>
    internal sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text)
        {
            this.text = text;
        }

        public static Dictionary<string, object> Object(string text)
        {
            return (Dictionary<string, object>)new Json(text).Value();
        }

        public static byte[] Hex(string digits)
        {
            var bytes = new byte[digits.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(Digit(digits[2 * i]) << 4 | Digit(digits[2 * i + 1]));
            }
            return bytes;
        }

        private static int Digit(char c)
        {
            return c <= '9' ? c - '0' : c - 'a' + 10;
        }

        private char Next()
        {
            while (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            return text[at];
        }

        private bool Ends(char closing)
        {
            if (Next() == ',')
            {
                at++;
            }
            if (Next() != closing)
            {
                return false;
            }
            at++;
            return true;
        }

        private object Value()
        {
            switch (Next())
            {
                case '{':
                    return Map();
                case '[':
                    at++;
                    var items = new List<object>();
                    while (!Ends(']'))
                    {
                        items.Add(Value());
                    }
                    return items;
                case '"':
                    return Text();
                default:
                    return Word();
            }
        }

        private object Map()
        {
            at++;
            var map = new Dictionary<string, object>();
            while (!Ends('}'))
            {
                Next();
                string key = Text();
                Next();
                at++;
                map[key] = Value();
            }
            if (map.Count == 1 && map.ContainsKey("$hex"))
            {
                return Hex((string)map["$hex"]);
            }
            return map.Count == 1 && map.ContainsKey("$int") ? Integer((string)map["$int"]) : map;
        }

        private static object Integer(string digits)
        {
            long signed;
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out signed)
                ? (object)signed
                : ulong.Parse(digits, CultureInfo.InvariantCulture);
        }

        private object Word()
        {
            int start = at;
            while (at < text.Length && ",]} \n\r".IndexOf(text[at]) < 0)
            {
                at++;
            }
            string word = text.Substring(start, at - start);
            switch (word)
            {
                case "null":
                    return null;
                case "true":
                    return true;
                case "false":
                    return false;
            }
            return word.IndexOfAny(new[] { '.', 'e', 'E' }) >= 0
                ? double.Parse(word, CultureInfo.InvariantCulture)
                : Integer(word);
        }

        private string Text()
        {
            var built = new StringBuilder();
            for (at++; text[at] != '"'; at++)
            {
                if (text[at] != '\\')
                {
                    built.Append(text[at]);
                    continue;
                }
                char escape = text[++at];
                if (escape == 'u')
                {
                    built.Append((char)Convert.ToInt32(text.Substring(at + 1, 4), 16));
                    at += 4;
                    continue;
                }
                int place = "bfnrt".IndexOf(escape);
                built.Append(place < 0 ? escape : "\b\f\n\r\t"[place]);
            }
            at++;
            return built.ToString();
        }
    }
}
