// Owns the slot between the stream's thread and the game: the last whole frame, and nothing older.
using System;

namespace EmotionRuntime
{
    /// <summary>Three buffers take turns, so that neither side waits for the other or makes garbage.</summary>
    internal sealed class LatestFrame : IZmtpSink
    {
        private readonly object gate = new object();
        private byte[] back = new byte[4096];
        private byte[] ready = new byte[4096];
        private byte[] front = new byte[4096];
        private int readyLength = -1;
        private ZmtpFailure failure = ZmtpFailure.NoAnswer;
        private string reason = "";

        /// <summary>Frames that arrived, taken or not.</summary>
        public long Arrivals { get; private set; }

        /// <summary>Why the stream does not stand; None when it does.</summary>
        public ZmtpFailure Failure(out string why)
        {
            lock (gate)
            {
                why = reason;
                return failure;
            }
        }

        /// <summary>The newest frame since the last call; valid until the next one.</summary>
        public bool Take(out byte[] frame, out int length)
        {
            lock (gate)
            {
                length = readyLength;
                frame = ready;
                if (length < 0)
                {
                    return false;
                }
                ready = front;
                front = frame;
                readyLength = -1;
                return true;
            }
        }

        public void Arrived(int connection, byte[] data, int offset, int length)
        {
            if (back.Length < length)
            {
                back = new byte[length + length / 4];
            }
            Buffer.BlockCopy(data, offset, back, 0, length);
            lock (gate)
            {
                byte[] written = back;
                back = ready;
                ready = written;
                readyLength = length;
                Arrivals++;
            }
        }

        public void Opened(int connection)
        {
            lock (gate)
            {
                failure = ZmtpFailure.None;
                reason = "";
            }
        }

        public void Closed(int connection, ZmtpFailure why, string words)
        {
            lock (gate)
            {
                failure = why;
                reason = words;
            }
        }
    }
}
