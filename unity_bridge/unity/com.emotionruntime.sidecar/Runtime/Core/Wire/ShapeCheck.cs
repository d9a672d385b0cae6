// Owns the check of a message against its shape: types, ranges, lengths, and the path to the first fault.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Walks bytes that passed MsgPackScan. Builds nothing; remembers the path for the fault it may find.</summary>
    internal sealed class ShapeCheck
    {
        private readonly string[] names = new string[2 * Protocol.MaxDepth];
        private readonly int[] indices = new int[2 * Protocol.MaxDepth];
        private int depth;

        /// <summary>Throws bad_value, too_large or malformed (a text that is not UTF-8) with its place.</summary>
        public void Check(Shape shape, byte[] data, int position)
        {
            depth = 0;
            var reader = new MsgPackReader(data, position);
            CheckShape(shape, ref reader);
        }

        private void CheckRule(Rule rule, ref MsgPackReader reader)
        {
            MsgPackKind kind = reader.Kind;
            if (rule.Nil && kind == MsgPackKind.Nil)
            {
                reader.Position++;
                return;
            }
            switch (rule.Kind)
            {
                case RuleKind.Any:
                    CheckAny(ref reader);
                    break;
                case RuleKind.Boolean:
                    Expect(kind == MsgPackKind.Boolean, "a boolean", kind);
                    reader.Position++;
                    break;
                case RuleKind.Integer:
                    CheckInteger(rule, ref reader);
                    break;
                case RuleKind.Number:
                case RuleKind.NumberOrBoolean:
                    CheckNumber(rule, ref reader);
                    break;
                case RuleKind.Text:
                    Expect(kind == MsgPackKind.Text, "a text", kind);
                    CheckText(rule.Least, rule.Most, ref reader);
                    break;
                case RuleKind.Blob:
                    Expect(kind == MsgPackKind.Blob, "a blob", kind);
                    reader.Skip();
                    break;
                case RuleKind.List:
                case RuleKind.Row:
                    CheckItems(rule, ref reader);
                    break;
                case RuleKind.Map:
                    Expect(kind == MsgPackKind.Map, "a map", kind);
                    CheckMap(rule.Item, ref reader);
                    break;
                case RuleKind.Nested:
                    Expect(kind == MsgPackKind.Map, "a map", kind);
                    CheckShape(rule.Shapes[0], ref reader);
                    break;
                default:
                    Expect(kind == MsgPackKind.Map, "a map", kind);
                    CheckShape(Chosen(rule.Shapes, reader), ref reader);
                    break;
            }
        }

        private void CheckInteger(Rule rule, ref MsgPackReader reader)
        {
            Expect(reader.Kind == MsgPackKind.Integer, "an integer", reader.Kind);
            long value = reader.Integer(out bool huge);
            if (huge || value < rule.Least || value > rule.Most)
            {
                throw Fault(Codes.BadValue, "the integer is not in " + rule.Least + ".." + rule.Most);
            }
        }

        private void CheckNumber(Rule rule, ref MsgPackReader reader)
        {
            MsgPackKind kind = reader.Kind;
            if (rule.Kind == RuleKind.NumberOrBoolean && kind == MsgPackKind.Boolean)
            {
                reader.Position++;
                return;
            }
            Expect(kind == MsgPackKind.Float || kind == MsgPackKind.Integer, "a number", kind);
            double value = reader.Number();
            // No comparison with NaN holds.
            if (!(value >= rule.Low && value <= rule.High) || (rule.Above && value == rule.Low))
            {
                throw Fault(Codes.BadValue, value + " is not in " + rule.Low + ".." + rule.High + " and finite");
            }
        }

        private void CheckText(long least, long most, ref MsgPackReader reader)
        {
            int length = reader.Body();
            int count = Utf8.Count(reader.Data, reader.Position, length);
            reader.Position += length;
            if (count < 0)
            {
                throw Fault(Codes.Malformed, "a text is not valid UTF-8");
            }
            if (count < least)
            {
                throw Fault(Codes.BadValue, "a text of " + count + " characters, at least " + least + " are needed");
            }
            if (count > most)
            {
                throw Fault(Codes.TooLarge, "a text of " + count + " characters, the limit is " + most);
            }
        }

        private void CheckItems(Rule rule, ref MsgPackReader reader)
        {
            Expect(reader.Kind == MsgPackKind.Array, "an array", reader.Kind);
            int count = reader.Count();
            if (count < rule.Least || count > rule.Most)
            {
                bool longer = rule.Kind == RuleKind.List;
                throw Fault(longer ? Codes.TooLarge : Codes.BadValue, count + " items where " + rule.Most + " may be");
            }
            for (int i = 0; i < count; i++)
            {
                Enter(null, i);
                CheckRule(rule.Item, ref reader);
                depth--;
            }
        }

        private void CheckMap(Rule item, ref MsgPackReader reader)
        {
            int count = reader.Count();
            for (int i = 0; i < count; i++)
            {
                Expect(reader.Kind == MsgPackKind.Text, "a text as map key", reader.Kind);
                MsgPackReader key = reader;
                CheckText(0, Protocol.MaxValues, ref reader);
                Enter(key.Text(), 0);
                CheckRule(item, ref reader);
                depth--;
            }
        }

        private void CheckAny(ref MsgPackReader reader)
        {
            switch (reader.Kind)
            {
                case MsgPackKind.Float:
                    double value = reader.Number();
                    if (double.IsNaN(value) || double.IsInfinity(value))
                    {
                        throw Fault(Codes.BadValue, "numbers must be finite");
                    }
                    break;
                case MsgPackKind.Text:
                    CheckText(0, int.MaxValue, ref reader);
                    break;
                case MsgPackKind.Map:
                    CheckMap(AnyRule, ref reader);
                    break;
                case MsgPackKind.Array:
                    int count = reader.Count();
                    for (int i = 0; i < count; i++)
                    {
                        Enter(null, i);
                        CheckAny(ref reader);
                        depth--;
                    }
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        private void CheckShape(Shape shape, ref MsgPackReader reader)
        {
            ulong seen = 0;
            int hint = 0;
            int count = reader.Count();
            for (int i = 0; i < count; i++)
            {
                Expect(reader.Kind == MsgPackKind.Text, "a text as map key", reader.Kind);
                int length = reader.Body();
                int key = reader.Position;
                reader.Position += length;
                if (shape.TagKey.Length > 0 && Shape.Same(shape.TagKey, reader.Data, key, length))
                {
                    CheckTag(shape, ref reader);
                    continue;
                }
                int index = shape.Find(reader.Data, key, length, hint);
                if (index < 0)
                {
                    reader.Skip();
                    continue;
                }
                seen |= 1UL << index;
                hint = index + 1;
                Enter(shape.Fields[index].Name, 0);
                CheckRule(shape.Fields[index].Rule, ref reader);
                depth--;
            }
            for (int i = 0; (shape.Required & ~seen) != 0; i++)
            {
                if ((shape.Required & ~seen & 1UL << i) != 0)
                {
                    throw Fault(Codes.BadValue, "the field " + shape.Fields[i].Name + " is missing");
                }
            }
        }

        private void CheckTag(Shape shape, ref MsgPackReader reader)
        {
            bool same = false;
            if (reader.Kind == MsgPackKind.Text)
            {
                MsgPackReader tag = reader;
                int length = tag.Body();
                same = Shape.Same(shape.TagBytes, tag.Data, tag.Position, length);
            }
            if (!same)
            {
                throw Fault(Codes.BadValue, "not a " + shape.Tag);
            }
            reader.Skip();
        }

        private Shape Chosen(Shape[] shapes, MsgPackReader reader)
        {
            int count = reader.Count();
            for (int i = 0; i < count; i++)
            {
                Expect(reader.Kind == MsgPackKind.Text, "a text as map key", reader.Kind);
                int length = reader.Body();
                int key = reader.Position;
                reader.Position += length;
                if (!Shape.Same(shapes[0].TagKey, reader.Data, key, length))
                {
                    reader.Skip();
                    continue;
                }
                Enter("kind", 0);
                Expect(reader.Kind == MsgPackKind.Text, "a text", reader.Kind);
                length = reader.Body();
                for (int j = 0; j < shapes.Length; j++)
                {
                    if (Shape.Same(shapes[j].TagBytes, reader.Data, reader.Position, length))
                    {
                        depth--;
                        return shapes[j];
                    }
                }
                throw Fault(Codes.BadValue, "this kind is not known here");
            }
            throw Fault(Codes.BadValue, "the field kind is missing");
        }

        private static readonly Rule AnyRule = Rule.Any();

        private void Enter(string name, int index)
        {
            names[depth] = name;
            indices[depth++] = index;
        }

        private void Expect(bool good, string wanted, MsgPackKind found)
        {
            if (!good)
            {
                throw Fault(Codes.BadValue, "expected " + wanted + ", got " + found.ToString().ToLowerInvariant());
            }
        }

        private ProtocolException Fault(string code, string message)
        {
            var parts = new List<string>();
            for (int i = 0; i < depth; i++)
            {
                parts.Add(names[i] == null ? "[" + indices[i] + "]" : "." + names[i]);
            }
            return new ProtocolException(code, message, "$" + string.Concat(parts));
        }
    }
}
