// Owns the finding of a checked map's fields: where each one is, and its value or its default.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Places of the fields of one map, of bytes that passed ShapeCheck. May be used again for another map.</summary>
    internal sealed class Fields
    {
        private readonly Shape shape;
        private readonly int[] places;
        private byte[] data;

        public Fields(Shape shape)
        {
            this.shape = shape;
            places = new int[shape.Fields.Length];
        }

        public Fields(Shape shape, byte[] data, int position)
            : this(shape)
        {
            Locate(data, position);
        }

        /// <summary>Look at the map at <paramref name="position"/>; returns the position after it.</summary>
        public int Locate(byte[] bytes, int position)
        {
            data = bytes;
            for (int i = 0; i < places.Length; i++)
            {
                places[i] = -1;
            }
            var reader = new MsgPackReader(bytes, position);
            int hint = 0;
            int count = reader.Count();
            for (int i = 0; i < count; i++)
            {
                int length = reader.Body();
                int index = shape.Find(bytes, reader.Position, length, hint);
                reader.Position += length;
                if (index >= 0)
                {
                    places[index] = reader.Position;
                    hint = index + 1;
                }
                reader.Skip();
            }
            return reader.Position;
        }

        public bool Has(int field)
        {
            return places[field] >= 0 && data[places[field]] != 0xC0;
        }

        public MsgPackReader At(int field)
        {
            return new MsgPackReader(data, places[field]);
        }

        public long Integer(int field)
        {
            return Has(field) ? At(field).Integer(out bool _) : 0;
        }

        public double Number(int field, double fallback = 0)
        {
            return Has(field) ? At(field).Number() : fallback;
        }

        public bool Boolean(int field)
        {
            return Has(field) && At(field).Boolean();
        }

        public string Text(int field)
        {
            return Has(field) ? At(field).Text() : "";
        }

        public long Integer(string name)
        {
            return Integer(shape.IndexOf(name));
        }

        public double Number(string name, double fallback = 0)
        {
            return Number(shape.IndexOf(name), fallback);
        }

        public bool Boolean(string name)
        {
            return Boolean(shape.IndexOf(name));
        }

        public string Text(string name)
        {
            return Text(shape.IndexOf(name));
        }

        public string[] Texts(string name)
        {
            MsgPackReader reader = Array(name, out int count);
            var texts = new string[count];
            for (int i = 0; i < count; i++)
            {
                texts[i] = reader.Text();
            }
            return texts;
        }

        public double[] Numbers(string name)
        {
            MsgPackReader reader = Array(name, out int count);
            var numbers = new double[count];
            for (int i = 0; i < count; i++)
            {
                numbers[i] = reader.Number();
            }
            return numbers;
        }

        public Dictionary<string, object> Values(string name)
        {
            int field = shape.IndexOf(name);
            return Has(field) ? At(field).Pairs() : new Dictionary<string, object>();
        }

        /// <summary>The first item of a list, and how many there are; no item for a field left out.</summary>
        public MsgPackReader Array(string name, out int count)
        {
            int field = shape.IndexOf(name);
            if (!Has(field))
            {
                count = 0;
                return default(MsgPackReader);
            }
            MsgPackReader reader = At(field);
            count = reader.Count();
            return reader;
        }

        /// <summary>The bytes of a blob, where they lie.</summary>
        public Blob Blob(int field)
        {
            if (!Has(field))
            {
                return default(Blob);
            }
            MsgPackReader reader = At(field);
            int length = reader.Body();
            return new Blob(data, reader.Position, length);
        }
    }

    /// <summary>Bytes inside a frame: valid as long as the frame is.</summary>
    internal struct Blob
    {
        public readonly byte[] Data;
        public readonly int Offset;
        public readonly int Length;

        public Blob(byte[] data, int offset, int length)
        {
            Data = data;
            Offset = offset;
            Length = length;
        }

        public byte[] ToArray()
        {
            var bytes = new byte[Length];
            if (Length > 0)
            {
                System.Buffer.BlockCopy(Data, Offset, bytes, 0, Length);
            }
            return bytes;
        }
    }
}
