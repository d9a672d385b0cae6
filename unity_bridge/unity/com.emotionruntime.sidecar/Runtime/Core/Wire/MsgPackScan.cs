// Owns the structural check of msgpack bytes: whole, one value, not too deep, no extension types; nothing is built.
namespace EmotionRuntime
{
    /// <summary>Runs before anything else looks at a frame: no recursion, no allocation, time by number of values.</summary>
    internal static class MsgPackScan
    {
        private static readonly byte[] Steps = FixedSteps();

        /// <summary>Throws unless the bytes are exactly one well-formed value within the limits.</summary>
        /// <param name="outer">Room for a number for each level: Protocol.MaxDepth.</param>
        public static void Check(byte[] data, int start, int length, long[] outer)
        {
            long end = (long)start + length;
            long position = start;
            long left = 1;
            long values = 1;
            int depth = 0;
            while (true)
            {
                while (left > 0)
                {
                    left--;
                    if (position >= end)
                    {
                        throw Truncated();
                    }
                    byte op = data[position];
                    if (Steps[op] != 0)
                    {
                        position += Steps[op];
                        continue;
                    }
                    long items = Variable(data, ref position, end, op);
                    if (items < 0)
                    {
                        continue;
                    }
                    if (depth == outer.Length)
                    {
                        throw ProtocolException.Malformed("nested deeper than " + outer.Length + " levels");
                    }
                    outer[depth++] = left;
                    left = items;
                    values += items;
                    if (items > end - position)
                    {
                        throw Truncated();
                    }
                    if (values > Protocol.MaxValues)
                    {
                        throw new ProtocolException(Codes.TooLarge, "more than " + Protocol.MaxValues + " values");
                    }
                }
                if (depth == 0)
                {
                    break;
                }
                left = outer[--depth];
            }
            if (position > end)
            {
                throw Truncated();
            }
            if (position < end)
            {
                throw ProtocolException.Malformed((end - position) + " bytes follow the message");
            }
        }

        /// <summary>Position after the value at <paramref name="position"/>, of bytes that passed the check.</summary>
        public static int After(byte[] data, int position)
        {
            long next = position;
            long left = 1;
            while (left > 0)
            {
                left--;
                byte op = data[next];
                if (Steps[op] != 0)
                {
                    next += Steps[op];
                    continue;
                }
                long items = Variable(data, ref next, data.Length, op);
                if (items > 0)
                {
                    left += items;
                }
            }
            return (int)next;
        }

        /// <summary>Steps over an opcode of variable length and its body; returns the values it opens, or -1.</summary>
        private static long Variable(byte[] data, ref long position, long end, byte op)
        {
            if (op < 0x90)
            {
                position++;
                return (op & 0x0F) * 2;
            }
            if (op < 0xA0)
            {
                position++;
                return op & 0x0F;
            }
            int width = LengthBytes(op);
            if (width == 0)
            {
                throw ProtocolException.Malformed(op == 0xC1
                    ? "0xc1 is not a msgpack value"
                    : "msgpack extension types are not used here");
            }
            if (position + 1 + width > end)
            {
                throw Truncated();
            }
            long count = 0;
            for (int i = 1; i <= width; i++)
            {
                count = count << 8 | data[position + i];
            }
            position += 1 + width;
            if (op >= 0xDC)
            {
                return op >= 0xDE ? count * 2 : count;
            }
            position += count;
            return -1;
        }

        private static int LengthBytes(byte op)
        {
            switch (op)
            {
                case 0xC4:
                case 0xD9:
                    return 1;
                case 0xC5:
                case 0xDA:
                case 0xDC:
                case 0xDE:
                    return 2;
                case 0xC6:
                case 0xDB:
                case 0xDD:
                case 0xDF:
                    return 4;
                default:
                    return 0;
            }
        }

        /// <summary>Bytes taken by each opcode whose length the opcode alone tells; 0 for all others.</summary>
        private static byte[] FixedSteps()
        {
            var steps = new byte[256];
            for (int op = 0; op < 256; op++)
            {
                bool single = op < 0x80 || op >= 0xE0 || op == 0xC0 || op == 0xC2 || op == 0xC3;
                steps[op] = (byte)(single ? 1 : op >= 0xA0 && op < 0xC0 ? 1 + (op & 0x1F) : 0);
            }
            for (int i = 0; i < 4; i++)
            {
                steps[0xCC + i] = (byte)(1 + (1 << i));
                steps[0xD0 + i] = (byte)(1 + (1 << i));
            }
            steps[0xCA] = 5;
            steps[0xCB] = 9;
            return steps;
        }

        private static ProtocolException Truncated()
        {
            return ProtocolException.Malformed("the bytes end in the middle of a value");
        }
    }
}
