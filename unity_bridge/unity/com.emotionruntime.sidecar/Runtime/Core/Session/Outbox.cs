// Owns the reliable window, both ends of it: numbers, cumulative acknowledgement, resending, and telling repeats.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Frames numbered 1, 2, 3 ... kept until acknowledged; a cursor marks what the connection was given.</summary>
    internal sealed class Outbox
    {
        private readonly List<byte[]> frames = new List<byte[]>();
        private readonly int window;
        private long high;

        public Outbox(int window)
        {
            this.window = window;
        }

        /// <summary>Highest number the peer has confirmed.</summary>
        public long Acked { get; private set; }

        /// <summary>Highest number given out.</summary>
        public long Last { get; private set; }

        /// <summary>Highest number handed to the present connection.</summary>
        public long Cursor { get; private set; }

        public long Resent { get; private set; }

        public int Count
        {
            get { return frames.Count; }
        }

        public long NextSeq
        {
            get { return Last + 1; }
        }

        /// <summary>Frames that still fit.</summary>
        public int Room
        {
            get { return window - frames.Count; }
        }

        /// <summary>Keep a frame, which must carry NextSeq.</summary>
        public void Push(byte[] frame)
        {
            if (frames.Count >= window)
            {
                throw new InvalidOperationException("the window is full");
            }
            frames.Add(frame);
            Last++;
        }

        /// <summary>The next frame for the connection, or null.</summary>
        public byte[] Peek()
        {
            return Cursor < Last ? frames[(int)(Cursor - Acked)] : null;
        }

        /// <summary>The frame of Peek was taken by the connection.</summary>
        public void Sent()
        {
            Cursor++;
            if (Cursor <= high)
            {
                Resent++;
            }
            else
            {
                high = Cursor;
            }
        }

        /// <summary>Everything up to a number arrived. False, and nothing changes, for one never sent.</summary>
        public bool Ack(long seq)
        {
            if (seq > high)
            {
                return false;
            }
            if (seq > Acked)
            {
                frames.RemoveRange(0, (int)(seq - Acked));
                Acked = seq;
            }
            Cursor = Math.Max(Cursor, Acked);
            return true;
        }

        /// <summary>Start again behind a number on a new connection. False when that cannot be: another world.</summary>
        public bool Resume(long received)
        {
            if (received < Acked || received > high)
            {
                return false;
            }
            Ack(received);
            Cursor = Acked;
            return true;
        }
    }

    internal enum Arrival
    {
        New,
        Seen,
        Gap,
    }

    /// <summary>The other end: takes each number once, in order.</summary>
    internal sealed class Inbox
    {
        /// <summary>Highest number taken.</summary>
        public long Received { get; private set; }

        public long Repeated { get; private set; }

        /// <summary>What to do with a number; only New moves on.</summary>
        public Arrival Take(long seq)
        {
            if (seq <= Received)
            {
                Repeated++;
                return Arrival.Seen;
            }
            if (seq > Received + 1)
            {
                return Arrival.Gap;
            }
            Received = seq;
            return Arrival.New;
        }
    }
}
