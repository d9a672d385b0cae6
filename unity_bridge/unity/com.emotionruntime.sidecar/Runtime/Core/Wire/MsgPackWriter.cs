// Owns the writing of msgpack: shortest forms, floats as float64, into a buffer that grows.
using System;
using System.Collections.Generic;
using System.Text;

namespace EmotionRuntime
{
    internal sealed class MsgPackWriter
    {
        private byte[] buffer = new byte[256];
        private int length;

        public byte[] ToArray()
        {
            var bytes = new byte[length];
            Buffer.BlockCopy(buffer, 0, bytes, 0, length);
            return bytes;
        }

        public void Nil()
        {
            Byte(0xC0);
        }

        public void Boolean(bool value)
        {
            Byte(value ? 0xC3 : 0xC2);
        }

        public void Integer(long value)
        {
            if (value >= 0)
            {
                Unsigned((ulong)value);
            }
            else if (value >= -32)
            {
                Byte((int)(value & 0xFF));
            }
            else
            {
                int power = value >= sbyte.MinValue ? 0 : value >= short.MinValue ? 1 : value >= int.MinValue ? 2 : 3;
                Byte(0xD0 + power);
                BigEndian((ulong)value, 1 << power);
            }
        }

        public void Unsigned(ulong value)
        {
            if (value < 0x80)
            {
                Byte((int)value);
                return;
            }
            int power = value <= 0xFF ? 0 : value <= 0xFFFF ? 1 : value <= 0xFFFFFFFF ? 2 : 3;
            Byte(0xCC + power);
            BigEndian(value, 1 << power);
        }

        public void Number(double value)
        {
            Byte(0xCB);
            BigEndian((ulong)BitConverter.DoubleToInt64Bits(value), 8);
        }

        public void Text(string text)
        {
            int bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes < 32)
            {
                Byte(0xA0 | bytes);
            }
            else
            {
                Length(bytes, 0xD9);
            }
            Reserve(bytes);
            length += Encoding.UTF8.GetBytes(text, 0, text.Length, buffer, length);
        }

        public void Blob(byte[] bytes)
        {
            Length(bytes.Length, 0xC4);
            Reserve(bytes.Length);
            Buffer.BlockCopy(bytes, 0, buffer, length, bytes.Length);
            length += bytes.Length;
        }

        public void Array(int count)
        {
            Header(count, 0x90, 0xDC);
        }

        public void Map(int count)
        {
            Header(count, 0x80, 0xDE);
        }

        /// <summary>A value as MsgPackReader.Value gives it (also int, float, string[] and anything enumerable).</summary>
        public void Value(object value)
        {
            if (value == null)
            {
                Nil();
            }
            else if (value is bool)
            {
                Boolean((bool)value);
            }
            else if (value is string)
            {
                Text((string)value);
            }
            else if (value is byte[])
            {
                Blob((byte[])value);
            }
            else if (value is ulong)
            {
                Unsigned((ulong)value);
            }
            else if (value is long || value is int)
            {
                Integer(Convert.ToInt64(value));
            }
            else if (value is double || value is float)
            {
                Finite(Convert.ToDouble(value));
            }
            else
            {
                Container(value);
            }
        }

        /// <summary>Append what another writer holds.</summary>
        public void Raw(MsgPackWriter other)
        {
            Reserve(other.length);
            Buffer.BlockCopy(other.buffer, 0, buffer, length, other.length);
            length += other.length;
        }

        private void Container(object value)
        {
            var map = value as IDictionary<string, object>;
            var list = value as System.Collections.ICollection;
            if (map != null)
            {
                Map(map.Count);
                foreach (KeyValuePair<string, object> pair in map)
                {
                    Text(pair.Key);
                    Value(pair.Value);
                }
            }
            else if (list != null)
            {
                Array(list.Count);
                foreach (object item in list)
                {
                    Value(item);
                }
            }
            else
            {
                throw new ProtocolException(Codes.BadValue, "cannot be sent: " + value.GetType().Name);
            }
        }

        private void Finite(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
            {
                throw new ProtocolException(Codes.BadValue, "numbers must be finite");
            }
            Number(value);
        }

        private void Header(int count, int shortest, int op)
        {
            if (count < 16)
            {
                Byte(shortest | count);
                return;
            }
            bool wide = count > 0xFFFF;
            Byte(wide ? op + 1 : op);
            BigEndian((ulong)count, wide ? 4 : 2);
        }

        private void Length(int bytes, int op)
        {
            int power = bytes <= 0xFF ? 0 : bytes <= 0xFFFF ? 1 : 2;
            Byte(op + power);
            BigEndian((ulong)bytes, 1 << power);
        }

        private void Byte(int value)
        {
            Reserve(1);
            buffer[length++] = (byte)value;
        }

        private void BigEndian(ulong value, int bytes)
        {
            Reserve(bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            {
                buffer[length++] = (byte)(value >> shift);
            }
        }

        private void Reserve(int bytes)
        {
            if (length + bytes > buffer.Length)
            {
                System.Array.Resize(ref buffer, Math.Max(2 * buffer.Length, length + bytes));
            }
        }
    }
}
