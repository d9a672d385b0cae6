// Owns what the thread of a DEALER has for the game: connections made and lost, and messages, in order.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal enum LinkEventKind
    {
        Opened,
        Message,
        Closed,
    }

    internal struct LinkEvent
    {
        public LinkEventKind Kind;
        public int Connection;

        /// <summary>Of a message.</summary>
        public byte[] Frame;

        /// <summary>Of a lost connection.</summary>
        public ZmtpFailure Failure;

        public string Reason;
    }

    internal sealed class LinkInbox : IZmtpSink
    {
        /// <summary>Messages that may wait for a game that does not poll. The sidecar gives up on it sooner.</summary>
        public const int MaxWaiting = 4096;

        private const long MaxWaitingBytes = 2L * Protocol.MaxStateBytes;
        private readonly Queue<LinkEvent> waiting = new Queue<LinkEvent>();
        private long bytes;

        public void Opened(int connection)
        {
            Put(new LinkEvent { Kind = LinkEventKind.Opened, Connection = connection });
        }

        public void Arrived(int connection, byte[] data, int offset, int length)
        {
            var frame = new byte[length];
            Buffer.BlockCopy(data, offset, frame, 0, length);
            Put(new LinkEvent { Kind = LinkEventKind.Message, Connection = connection, Frame = frame });
        }

        public void Closed(int connection, ZmtpFailure failure, string reason)
        {
            Put(new LinkEvent
            {
                Kind = LinkEventKind.Closed,
                Connection = connection,
                Failure = failure,
                Reason = reason,
            });
        }

        public bool Take(out LinkEvent item)
        {
            lock (waiting)
            {
                if (waiting.Count == 0)
                {
                    item = default(LinkEvent);
                    return false;
                }
                item = waiting.Dequeue();
                bytes -= item.Frame == null ? 0 : item.Frame.Length;
                return true;
            }
        }

        private void Put(LinkEvent item)
        {
            lock (waiting)
            {
                if (item.Frame != null)
                {
                    if (waiting.Count >= MaxWaiting || bytes + item.Frame.Length > MaxWaitingBytes)
                    {
                        throw new ZmtpException(ZmtpFailure.Lost, "the game does not take its messages");
                    }
                    bytes += item.Frame.Length;
                }
                else if (item.Kind == LinkEventKind.Closed && waiting.Count >= MaxWaiting)
                {
                    // Years of failed attempts with nobody looking: the last one is enough.
                    waiting.Clear();
                    bytes = 0;
                }
                waiting.Enqueue(item);
            }
        }
    }
}
