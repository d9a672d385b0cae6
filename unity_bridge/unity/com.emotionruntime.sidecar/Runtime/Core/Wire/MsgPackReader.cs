// Owns the reading of single msgpack values, in every legal width, from bytes that passed MsgPackScan.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace EmotionRuntime
{
    internal enum MsgPackKind
    {
        Nil,
        Boolean,
        Integer,
        Float,
        Text,
        Blob,
        Array,
        Map,
    }

    /// <summary>A place in a frame. Each method reads the value there and steps behind it.</summary>
    internal struct MsgPackReader
    {
        public readonly byte[] Data;
        public int Position;

        public MsgPackReader(byte[] data, int position)
        {
            Data = data;
            Position = position;
        }

        /// <summary>What the next value is.</summary>
        public MsgPackKind Kind
        {
            get
            {
                int op = Data[Position];
                if (op < 0x80 || op >= 0xE0 || (op >= 0xCC && op <= 0xD3))
                {
                    return MsgPackKind.Integer;
                }
                if (op < 0x90 || op >= 0xDE)
                {
                    return MsgPackKind.Map;
                }
                if (op < 0xA0 || op >= 0xDC)
                {
                    return MsgPackKind.Array;
                }
                if (op < 0xC0 || op >= 0xD9)
                {
                    return MsgPackKind.Text;
                }
                if (op >= 0xCA)
                {
                    return MsgPackKind.Float;
                }
                return op == 0xC0 ? MsgPackKind.Nil : op >= 0xC4 ? MsgPackKind.Blob : MsgPackKind.Boolean;
            }
        }

        public void Skip()
        {
            Position = MsgPackScan.After(Data, Position);
        }

        public bool Boolean()
        {
            return Data[Position++] == 0xC3;
        }

        /// <summary>An integer; <paramref name="huge"/>: it is 2^63 or more, and the result its two's complement.</summary>
        public long Integer(out bool huge)
        {
            huge = false;
            int op = Data[Position++];
            if (op < 0x80)
            {
                return op;
            }
            if (op >= 0xE0)
            {
                return (sbyte)op;
            }
            if (op <= 0xCF)
            {
                ulong value = Unsigned(1 << (op - 0xCC));
                huge = value > long.MaxValue;
                return (long)value;
            }
            int bytes = 1 << (op - 0xD0);
            int unused = 64 - 8 * bytes;
            return (long)Unsigned(bytes) << unused >> unused;
        }

        /// <summary>A float of either width, or an integer, as a double.</summary>
        public double Number()
        {
            int op = Data[Position];
            if (op == 0xCB)
            {
                Position++;
                return BitConverter.Int64BitsToDouble((long)Unsigned(8));
            }
            if (op == 0xCA)
            {
                Position++;
                var bits = new SingleBits();
                bits.Bits = (uint)Unsigned(4);
                return bits.Value;
            }
            long whole = Integer(out bool huge);
            return huge ? (double)(ulong)whole : whole;
        }

        /// <summary>Length of a text or blob; the position is then its first byte. Step over it with its length.</summary>
        public int Body()
        {
            int op = Data[Position++];
            if (op < 0xC0)
            {
                return op & 0x1F;
            }
            return (int)Unsigned(1 << (op >= 0xD9 ? op - 0xD9 : op - 0xC4));
        }

        public string Text()
        {
            int length = Body();
            string text = Utf8.Text(Data, Position, length);
            Position += length;
            return text;
        }

        public byte[] Blob()
        {
            var bytes = new byte[Body()];
            Buffer.BlockCopy(Data, Position, bytes, 0, bytes.Length);
            Position += bytes.Length;
            return bytes;
        }

        /// <summary>Items of an array, or pairs of a map.</summary>
        public int Count()
        {
            int op = Data[Position++];
            if (op < 0xA0)
            {
                return op & 0x0F;
            }
            return (int)Unsigned(op == 0xDC || op == 0xDE ? 2 : 4);
        }

        /// <summary>Any value: null, bool, long, ulong, double, string, byte[], List, Dictionary.</summary>
        public object Value()
        {
            switch (Kind)
            {
                case MsgPackKind.Nil:
                    Position++;
                    return null;
                case MsgPackKind.Boolean:
                    return Boolean();
                case MsgPackKind.Integer:
                    long whole = Integer(out bool huge);
                    return huge ? (object)(ulong)whole : whole;
                case MsgPackKind.Float:
                    return Number();
                case MsgPackKind.Text:
                    return Text();
                case MsgPackKind.Blob:
                    return Blob();
                case MsgPackKind.Array:
                    return Items();
                default:
                    return Pairs();
            }
        }

        /// <summary>A map with text keys; others are skipped.</summary>
        public Dictionary<string, object> Pairs()
        {
            int count = Count();
            var map = new Dictionary<string, object>(count);
            for (int i = 0; i < count; i++)
            {
                if (Kind != MsgPackKind.Text)
                {
                    Skip();
                    Skip();
                    continue;
                }
                string key = Text();
                map[key] = Value();
            }
            return map;
        }

        private List<object> Items()
        {
            int count = Count();
            var items = new List<object>(count);
            for (int i = 0; i < count; i++)
            {
                items.Add(Value());
            }
            return items;
        }

        private ulong Unsigned(int bytes)
        {
            ulong value = 0;
            for (int i = 0; i < bytes; i++)
            {
                value = value << 8 | Data[Position++];
            }
            return value;
        }

        [StructLayout(LayoutKind.Explicit)]
        private struct SingleBits
        {
            [FieldOffset(0)] public uint Bits;
            [FieldOffset(0)] public float Value;
        }
    }
}
