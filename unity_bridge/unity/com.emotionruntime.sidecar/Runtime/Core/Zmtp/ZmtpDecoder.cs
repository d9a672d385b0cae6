// Owns received bytes until they are whole frames. The buffer grows with what arrives, never with what is announced.
using System;

namespace EmotionRuntime
{
    internal sealed class ZmtpDecoder
    {
        private const int InitialBytes = 64 * 1024;
        private readonly long limit;
        private int start;
        private int end;

        /// <param name="limit">Largest body of a frame, in bytes.</param>
        public ZmtpDecoder(long limit)
        {
            this.limit = limit;
        }

        /// <summary>Where received bytes go: from <see cref="End"/> on.</summary>
        public byte[] Buffer { get; private set; } = new byte[InitialBytes];

        public int End
        {
            get { return end; }
        }

        /// <summary>Forget everything: a new connection.</summary>
        public void Reset()
        {
            start = 0;
            end = 0;
        }

        /// <summary>Make room behind End; returns how many bytes fit.</summary>
        public int MakeRoom()
        {
            if (start == end)
            {
                Reset();
            }
            if (end == Buffer.Length)
            {
                byte[] into = start > 0 ? Buffer : new byte[2 * Buffer.Length];
                System.Buffer.BlockCopy(Buffer, start, into, 0, end - start);
                Buffer = into;
                end -= start;
                start = 0;
            }
            return Buffer.Length - end;
        }

        public void Filled(int bytes)
        {
            end += bytes;
        }

        /// <summary>Take so many bytes as they are; false while they are not all there.</summary>
        public bool Take(int bytes, out int offset)
        {
            offset = start;
            if (end - start < bytes)
            {
                return false;
            }
            start += bytes;
            return true;
        }

        /// <summary>The next whole frame; its body is valid until MakeRoom. Throws for one over the limit.</summary>
        public bool Next(out int flags, out int offset, out int length)
        {
            flags = 0;
            offset = 0;
            length = 0;
            if (end - start < 2)
            {
                return false;
            }
            flags = Buffer[start];
            bool wide = (flags & ZmtpWire.Long) != 0;
            int head = wide ? 9 : 2;
            if (end - start < head)
            {
                return false;
            }
            long announced = 0;
            for (int i = 1; i < head; i++)
            {
                announced = announced << 8 | Buffer[start + i];
            }
            if (announced < 0 || announced > limit)
            {
                throw new ZmtpException(ZmtpFailure.Lost, "a frame of " + announced + " bytes is over the limit");
            }
            if (end - start - head < announced)
            {
                return false;
            }
            offset = start + head;
            length = (int)announced;
            start = offset + length;
            return true;
        }
    }
}
