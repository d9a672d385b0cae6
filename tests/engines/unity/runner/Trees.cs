// Owns the comparing of message trees: numbers by value, a field left out equal to its default.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Trees
    {
        /// <summary>All that is wanted is found. <paramref name="whole"/>: and nothing but that and defaults.</summary>
        public static void Hold(object found, object wanted, string where, bool whole = false)
        {
            if (wanted is Tree)
            {
                Harness.That(found is Tree, where + ": found " + Show(found));
                HoldFields((Tree)found, (Tree)wanted, where, whole);
            }
            else if (wanted is byte[])
            {
                Harness.That(Show(found) == Show(wanted), where + ": " + Show(found) + " is not " + Show(wanted));
            }
            else if (wanted is IList)
            {
                var a = found as IList;
                var b = (IList)wanted;
                Harness.That(a != null && a.Count == b.Count, where + ": found " + Show(found));
                for (int i = 0; i < b.Count; i++)
                {
                    Hold(a[i], b[i], where + "[" + i + "]", whole);
                }
            }
            else
            {
                Harness.That(Same(found, wanted), where + ": " + Show(found) + " is not " + Show(wanted));
            }
        }

        private static void HoldFields(Tree found, Tree wanted, string where, bool whole)
        {
            foreach (KeyValuePair<string, object> pair in wanted)
            {
                object value;
                if (found.TryGetValue(pair.Key, out value))
                {
                    Hold(value, pair.Value, where + "." + pair.Key, whole);
                }
                else
                {
                    Harness.That(IsDefault(pair.Key, pair.Value), where + "." + pair.Key + " is missing");
                }
            }
            foreach (KeyValuePair<string, object> pair in found)
            {
                bool known = !whole || wanted.ContainsKey(pair.Key) || IsDefault(pair.Key, pair.Value);
                Harness.That(known, where + "." + pair.Key + " was not wanted: " + Show(pair.Value));
            }
        }

        private static bool IsDefault(string key, object value)
        {
            if (value is ICollection)
            {
                return ((ICollection)value).Count == 0;
            }
            bool one = (key == "strength" && Same(value, 1L)) || (key == "rate" && Same(value, 60L));
            return one || value == null || value.Equals(false) || value.Equals("") || Same(value, 0L);
        }

        private static bool Same(object a, object b)
        {
            bool numbers = a is ValueType && b is ValueType && !(a is bool) && !(b is bool);
            if (!numbers)
            {
                return Equals(a, b);
            }
            bool floats = a is double || a is float || b is double || b is float;
            return floats ? Convert.ToDouble(a) == Convert.ToDouble(b) : Convert.ToDecimal(a) == Convert.ToDecimal(b);
        }

        public static string Show(object value)
        {
            if (value is byte[])
            {
                return BitConverter.ToString((byte[])value);
            }
            var map = value as Tree;
            var list = value as IList;
            if (map == null && list == null)
            {
                return value == null ? "nil" : value.ToString();
            }
            var built = new StringBuilder();
            if (map != null)
            {
                foreach (KeyValuePair<string, object> pair in map)
                {
                    built.Append(pair.Key + "=" + Show(pair.Value) + " ");
                }
                return "{" + built + "}";
            }
            foreach (object item in list)
            {
                built.Append(Show(item) + " ");
            }
            return "[" + built + "]";
        }
    }
}
