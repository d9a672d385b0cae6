// Owns the bytes of ZMTP 3.1 that a connecting peer writes and reads: greeting, frames, commands. No socket, no clock.
using System;
using System.Collections.Generic;
using System.Text;

namespace EmotionRuntime
{
    internal static class ZmtpWire
    {
        public const int GreetingBytes = 64;

        /// <summary>Signature and version: what the other side must have seen to send all of its greeting.</summary>
        public const int VersionEnds = 11;
        public const int More = 1;
        public const int Long = 2;
        public const int Command = 4;
        private const int MechanismAt = 12;
        private const int MechanismBytes = 20;

        /// <summary>The bytes from start to end of our greeting.</summary>
        public static byte[] Greeting(string mechanism, int start, int end)
        {
            var greeting = new byte[GreetingBytes];
            greeting[0] = 0xFF;
            greeting[9] = 0x7F;
            greeting[10] = 3;
            greeting[11] = 1;
            Encoding.ASCII.GetBytes(mechanism, 0, mechanism.Length, greeting, MechanismAt);
            var part = new byte[end - start];
            Array.Copy(greeting, start, part, 0, part.Length);
            return part;
        }

        /// <summary>Throws when the first ten bytes of a greeting are not those of ZMTP.</summary>
        public static void CheckSignature(byte[] data, int offset)
        {
            if (data[offset] != 0xFF || (data[offset + 9] & 1) == 0)
            {
                throw new ZmtpException(ZmtpFailure.NotZmtp, "what listens there does not speak ZMTP");
            }
        }

        /// <summary>The peer's mechanism. Throws when the greeting is of a ZMTP before 3.</summary>
        public static string Mechanism(byte[] data, int offset)
        {
            if (data[offset + 10] < 3)
            {
                throw new ZmtpException(ZmtpFailure.NotZmtp, "what listens there speaks an old ZMTP");
            }
            return Encoding.ASCII.GetString(data, offset + MechanismAt, MechanismBytes).TrimEnd('\0');
        }

        /// <summary>Header and body of one frame.</summary>
        public static byte[] Frame(byte[] body, int flags)
        {
            bool wide = body.Length > 255;
            int head = wide ? 9 : 2;
            var frame = new byte[head + body.Length];
            frame[0] = (byte)(wide ? flags | Long : flags);
            long length = body.Length;
            for (int i = head - 1; i > 0; i--)
            {
                frame[i] = (byte)length;
                length >>= 8;
            }
            Buffer.BlockCopy(body, 0, frame, head, body.Length);
            return frame;
        }

        /// <summary>READY or INITIATE: the command's name and the metadata.</summary>
        public static byte[] Metadata(string command, string socketType)
        {
            var body = new List<byte>();
            Short(body, command);
            Short(body, "Socket-Type");
            byte[] value = Encoding.ASCII.GetBytes(socketType);
            body.AddRange(new byte[] { 0, 0, 0, (byte)value.Length });
            body.AddRange(value);
            return Frame(body.ToArray(), Command);
        }

        /// <summary>PLAIN's HELLO.</summary>
        public static byte[] Hello(string user, string password)
        {
            var body = new List<byte>();
            Short(body, "HELLO");
            Short(body, user);
            Short(body, password);
            return Frame(body.ToArray(), Command);
        }

        public static byte[] Ping()
        {
            return Frame(new byte[] { 4, (byte)'P', (byte)'I', (byte)'N', (byte)'G', 0, 0 }, Command);
        }

        /// <summary>The answer to a PING: its context comes back.</summary>
        public static byte[] Pong(byte[] data, int offset, int length)
        {
            const int context = 7;
            int bytes = Math.Max(0, length - context);
            var body = new byte[5 + bytes];
            body[0] = 4;
            Encoding.ASCII.GetBytes("PONG", 0, 4, body, 1);
            Buffer.BlockCopy(data, offset + Math.Min(length, context), body, 5, bytes);
            return Frame(body, Command);
        }

        public static byte[] Subscribe(string topic)
        {
            var body = new byte[1 + topic.Length];
            body[0] = 1;
            Encoding.ASCII.GetBytes(topic, 0, topic.Length, body, 1);
            return Frame(body, 0);
        }

        /// <summary>Name of a command, and where its own bytes begin.</summary>
        public static string CommandName(byte[] data, int offset, int length, out int rest)
        {
            // libzmq's PLAIN server writes "\x5eRROR": a C escape swallowed the length and the E of "\x05ERROR".
            if (length >= 5 && data[offset] == 0x5E && Encoding.ASCII.GetString(data, offset + 1, 4) == "RROR")
            {
                rest = offset + 5;
                return "ERROR";
            }
            if (length == 0 || data[offset] > length - 1)
            {
                throw new ZmtpException(ZmtpFailure.NotZmtp, "a command without a name");
            }
            rest = offset + 1 + data[offset];
            return Encoding.ASCII.GetString(data, offset + 1, data[offset]);
        }

        /// <summary>Reason inside an ERROR command, such as "400".</summary>
        public static string Reason(byte[] data, int rest, int end)
        {
            if (rest >= end)
            {
                return "";
            }
            return Encoding.ASCII.GetString(data, rest + 1, Math.Min(data[rest], end - rest - 1));
        }

        /// <summary>A property of READY's metadata, or empty.</summary>
        public static string Property(byte[] data, int rest, int end, string wanted)
        {
            while (rest < end)
            {
                int nameEnd = rest + 1 + data[rest];
                if (nameEnd + 4 > end)
                {
                    break;
                }
                long bytes = (long)data[nameEnd] << 24 | (long)data[nameEnd + 1] << 16
                    | (long)data[nameEnd + 2] << 8 | data[nameEnd + 3];
                int value = nameEnd + 4;
                if (bytes > end - value)
                {
                    break;
                }
                string name = Encoding.ASCII.GetString(data, rest + 1, data[rest]);
                if (string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase))
                {
                    return Encoding.ASCII.GetString(data, value, (int)bytes);
                }
                rest = value + (int)bytes;
            }
            return "";
        }

        private static void Short(List<byte> body, string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > 255)
            {
                throw new ZmtpException(ZmtpFailure.WrongToken, "a user name or password has at most 255 bytes");
            }
            body.Add((byte)bytes.Length);
            body.AddRange(bytes);
        }
    }
}
