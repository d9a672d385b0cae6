// Owns the questions on control: sent on a connection made when it is first needed, again when there is no answer.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal sealed class Requests
    {
        private const double PatienceSeconds = 2.0;
        private const int Tries = 3;
        private readonly Func<ZmtpPeer> open;
        private readonly LinkInbox inbox;
        private readonly string client;
        private readonly Codec codec = new Codec();
        private readonly Dictionary<long, Waiting> waiting = new Dictionary<long, Waiting>();
        private readonly List<long> due = new List<long>();
        private ZmtpPeer peer;
        private int connection;
        private long last;

        public Requests(string client, LinkInbox inbox, Func<ZmtpPeer> open)
        {
            this.client = client;
            this.inbox = inbox;
            this.open = open;
            // A restarted engine must not be given the kept replies of its predecessor.
            last = BitConverter.ToInt64(Guid.NewGuid().ToByteArray(), 0) & 0xFFFFFFFFFFL;
        }

        /// <summary>Ask; the answer comes in a later Poll. A reply with code `timeout` stands for none.</summary>
        public void Ask(string op, IDictionary<string, object> args, Action<Reply> answer, double now)
        {
            last++;
            byte[] frame = Outgoing.Request(client, last, op, args);
            waiting[last] = new Waiting { Frame = frame, Answer = answer, Until = now + PatienceSeconds, Left = Tries };
            if (peer == null)
            {
                peer = open();
                peer.Start();
            }
            else
            {
                waiting[last].Sent = peer.Send(connection, frame);
            }
        }

        public void Poll(double now)
        {
            while (inbox.Take(out LinkEvent item))
            {
                if (item.Kind == LinkEventKind.Opened)
                {
                    connection = item.Connection;
                    SendAll();
                }
                else if (item.Kind == LinkEventKind.Message)
                {
                    Take(item.Frame);
                }
            }
            Expire(now);
        }

        public void Stop()
        {
            if (peer != null)
            {
                peer.Stop();
            }
            waiting.Clear();
        }

        public bool Join()
        {
            return peer == null || peer.Join();
        }

        private void SendAll()
        {
            foreach (Waiting each in waiting.Values)
            {
                each.Sent = peer.Send(connection, each.Frame);
            }
        }

        private void Take(byte[] frame)
        {
            Reply reply;
            try
            {
                reply = codec.Decode(frame) as Reply;
            }
            catch (ProtocolException)
            {
                return;
            }
            if (reply != null && waiting.TryGetValue(reply.Id, out Waiting asked))
            {
                waiting.Remove(reply.Id);
                Answer(asked, reply);
            }
        }

        /// <summary>Ask again on a new connection: whatever is stuck in the old one goes with it.</summary>
        private void Expire(double now)
        {
            due.Clear();
            foreach (KeyValuePair<long, Waiting> pair in waiting)
            {
                if (now >= pair.Value.Until)
                {
                    due.Add(pair.Key);
                }
            }
            bool renew = false;
            foreach (long id in due)
            {
                Waiting asked = waiting[id];
                asked.Until = now + PatienceSeconds;
                asked.Left--;
                renew = renew || asked.Sent;
                if (asked.Left <= 0)
                {
                    waiting.Remove(id);
                    Answer(asked, new Reply
                    {
                        Id = id,
                        Result = new Dictionary<string, object>(),
                        ErrorCode = Codes.Timeout,
                        ErrorMessage = "the sidecar gave no answer",
                        ErrorRemedy = "check that it runs",
                    });
                }
            }
            if (renew)
            {
                peer.Renew();
            }
        }

        private static void Answer(Waiting asked, Reply reply)
        {
            if (asked.Answer != null)
            {
                asked.Answer(reply);
            }
        }

        private sealed class Waiting
        {
            public byte[] Frame;
            public Action<Reply> Answer;
            public double Until;
            public int Left;
            public bool Sent;
        }
    }
}
