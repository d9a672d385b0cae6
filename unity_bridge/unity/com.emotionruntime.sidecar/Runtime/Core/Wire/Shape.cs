// Owns the words in which Shapes.g.cs tells what a message looks like: shapes of fields, each with its rule.
using System.Text;

namespace EmotionRuntime
{
    internal enum RuleKind
    {
        Any,
        Boolean,
        Integer,
        Number,
        NumberOrBoolean,
        Text,
        Blob,
        List,
        Row,
        Map,
        Nested,
        Choice,
    }

    /// <summary>Which values a field takes.</summary>
    internal sealed class Rule
    {
        public readonly RuleKind Kind;

        /// <summary>Bounds of an integer, or of a length in characters or items.</summary>
        public readonly long Least;

        public readonly long Most;

        /// <summary>Bounds of a number; it is finite anyway.</summary>
        public readonly double Low;

        public readonly double High;

        /// <summary>The low bound itself is not taken.</summary>
        public readonly bool Above;

        /// <summary>Of items or map values.</summary>
        public readonly Rule Item;

        /// <summary>One for Nested; told apart by their tags for Choice.</summary>
        public readonly Shape[] Shapes;

        public bool Nil { get; private set; }

        private Rule(RuleKind kind, long least = 0, long most = 0, double low = 0, double high = 0, bool above = false,
            Rule item = null, Shape[] shapes = null)
        {
            Kind = kind;
            Least = least;
            Most = most;
            Low = low;
            High = high;
            Above = above;
            Item = item;
            Shapes = shapes;
        }

        public static Rule Any()
        {
            return new Rule(RuleKind.Any);
        }

        public static Rule Boolean()
        {
            return new Rule(RuleKind.Boolean);
        }

        public static Rule Integer(long least, long most)
        {
            return new Rule(RuleKind.Integer, least, most);
        }

        public static Rule Number(double low, double high, bool above)
        {
            return new Rule(RuleKind.Number, low: low, high: high, above: above);
        }

        public static Rule NumberOrBoolean()
        {
            return new Rule(RuleKind.NumberOrBoolean, low: -float.MaxValue, high: float.MaxValue);
        }

        public static Rule Text(int least, int most)
        {
            return new Rule(RuleKind.Text, least, most);
        }

        public static Rule Blob()
        {
            return new Rule(RuleKind.Blob);
        }

        public static Rule List(Rule item, int most)
        {
            return new Rule(RuleKind.List, 0, most, item: item);
        }

        /// <summary>An array of exactly so many items.</summary>
        public static Rule Row(Rule item, int count)
        {
            return new Rule(RuleKind.Row, count, count, item: item);
        }

        public static Rule Map(Rule item)
        {
            return new Rule(RuleKind.Map, item: item);
        }

        public static Rule Nested(Shape shape)
        {
            return new Rule(RuleKind.Nested, shapes: new[] { shape });
        }

        public static Rule Choice(params Shape[] shapes)
        {
            return new Rule(RuleKind.Choice, shapes: shapes);
        }

        public Rule OrNil()
        {
            Nil = true;
            return this;
        }
    }

    internal sealed class Field
    {
        public readonly string Name;
        public readonly byte[] Key;
        public readonly bool Required;
        public readonly Rule Rule;

        public Field(string name, bool required, Rule rule)
        {
            Name = name;
            Key = Encoding.ASCII.GetBytes(name);
            Required = required;
            Rule = rule;
        }
    }

    /// <summary>A map with known fields. Its tag is a text field that names it.</summary>
    internal sealed class Shape
    {
        public readonly byte[] TagKey;
        public readonly string Tag;
        public readonly byte[] TagBytes;
        public readonly Field[] Fields;

        /// <summary>One bit a field.</summary>
        public readonly ulong Required;

        public Shape(string tagKey, string tag, params Field[] fields)
        {
            TagKey = tagKey == null ? new byte[0] : Encoding.ASCII.GetBytes(tagKey);
            Tag = tag;
            TagBytes = tag == null ? new byte[0] : Encoding.ASCII.GetBytes(tag);
            Fields = fields;
            for (int i = 0; i < fields.Length; i++)
            {
                Required |= fields[i].Required ? 1UL << i : 0;
            }
        }

        /// <summary>Index of the field with this name.</summary>
        public int IndexOf(string name)
        {
            for (int i = 0; i < Fields.Length; i++)
            {
                if (Fields[i].Name == name)
                {
                    return i;
                }
            }
            throw new System.ArgumentException(Tag + " has no field " + name);
        }

        /// <summary>Index of the field with this key, or -1. <paramref name="hint"/>: where it is if all are in order.</summary>
        public int Find(byte[] data, int position, int length, int hint)
        {
            for (int i = 0; i < Fields.Length; i++)
            {
                int index = i + hint < Fields.Length ? i + hint : i + hint - Fields.Length;
                if (Same(Fields[index].Key, data, position, length))
                {
                    return index;
                }
            }
            return -1;
        }

        public static bool Same(byte[] key, byte[] data, int position, int length)
        {
            if (key.Length != length)
            {
                return false;
            }
            for (int i = 0; i < length; i++)
            {
                if (key[i] != data[position + i])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
