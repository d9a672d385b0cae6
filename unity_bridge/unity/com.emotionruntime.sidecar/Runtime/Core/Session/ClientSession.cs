// Owns the engine's side of the link, without sockets: the state machine of unity_bridge/client_session.py in C#.
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal enum SessionState
    {
        Connecting,
        Live,
        Refused,
    }

    /// <summary>One engine over any number of connections. Time is handed in; frames leave by NextFrame, FrameSent.</summary>
    internal sealed partial class ClientSession
    {
        /// <summary>A hello without an answer is repeated after this long.</summary>
        public const double HelloAgainSeconds = 0.5;

        private const double AckSeconds = Protocol.HeartbeatIntervalMs / 1000.0;
        private readonly Codec codec = new Codec();
        private readonly Assembly assembly = new Assembly();
        private string[] wanted;
        private readonly bool lockStep;
        private readonly string package;
        private long session;
        private double helloAt = double.NegativeInfinity;
        private double spoke;
        private long acked;
        private long carriedBatch;
        private long carriedReceived;
        private bool parting;

        /// <param name="owns">Null: all characters that nobody owns; empty: a viewer.</param>
        public ClientSession(string client, string[] owns = null, bool lockStep = false, string package = "")
        {
            Client = client;
            wanted = owns;
            this.lockStep = lockStep;
            this.package = package;
        }

        public string Client { get; private set; }

        public SessionState State { get; private set; }

        public string Reason { get; private set; } = "no sidecar has answered yet";

        public ObservationQueue Queue { get; private set; } = new ObservationQueue();

        public Outbox Outbox { get; private set; } = new Outbox(Protocol.ObservationCredit);

        public Inbox Inbox { get; private set; } = new Inbox();

        /// <summary>Null before the first one, and between worlds.</summary>
        public Snapshot Snapshot { get; private set; }

        public string[] Owns { get; private set; } = new string[0];

        public Refused Refusal { get; private set; }

        /// <summary>By code or event, for people: reconnects, resumed, restarts, gap ...</summary>
        public Dictionary<string, long> Counts { get; private set; } = new Dictionary<string, long>();

        /// <summary>A new connection stands: nothing is known to have arrived, so say hello on it.</summary>
        public void Connected()
        {
            parting = false;
            assembly.Clear();
            if (State == SessionState.Live)
            {
                Count("reconnects");
            }
            if (State != SessionState.Refused)
            {
                Again("the connection is new", true);
            }
        }

        /// <summary>The connection is gone.</summary>
        public void Lost(string reason)
        {
            if (State != SessionState.Refused)
            {
                State = SessionState.Connecting;
                Reason = reason;
            }
        }

        /// <summary>Forget a refusal and try again: the game asked for it.</summary>
        public void TryAgain()
        {
            Refusal = null;
            State = SessionState.Connecting;
            helloAt = double.NegativeInfinity;
        }

        /// <summary>Take one frame from the sidecar; whatever it holds, nothing is thrown. The game acts on what is added
        /// to <paramref name="updates"/>: each once and in order.</summary>
        public void Receive(byte[] frame, List<Message> updates)
        {
            Message message;
            try
            {
                message = codec.Decode(frame);
            }
            catch (ProtocolException error)
            {
                Count(error.Code);
                if (error.Code == Codes.WrongVersion)
                {
                    // Not even its refusal can be read: it speaks another protocol in all it says.
                    RefusedBy(new Refused { Code = error.Code, Text = error.Message, Remedy = error.Remedy }, updates);
                }
                return;
            }
            if (message is Welcome)
            {
                Welcomed((Welcome)message);
            }
            else if (message is Refused)
            {
                RefusedBy((Refused)message, updates);
            }
            else if (message is Bye)
            {
                Parted((Bye)message, updates);
            }
            else if (message is Ack)
            {
                Outbox.Ack(message.Seq);
            }
            else if (message is Snapshot)
            {
                Snapshot = (Snapshot)message;
                updates.Add(message);
            }
            else if (message is Part)
            {
                byte[] whole = assembly.Take((Part)message);
                if (whole != null)
                {
                    Whole(whole, updates);
                }
            }
            else if (message.Seq > 0)
            {
                Numbered(message, updates);
            }
        }

        /// <summary>Make a batch of what is queued, if the credit allows; returns how many observations it holds.</summary>
        public int Flush()
        {
            if (State != SessionState.Live || Queue.Count == 0 || Outbox.Room <= 0)
            {
                return 0;
            }
            List<Observation> items = Queue.Take();
            byte[] frame = Outgoing.Observations(Outbox.NextSeq, items, items.Count, Inbox.Received);
            while (frame.Length > Protocol.MaxLinkBytes && items.Count > 1)
            {
                int half = items.Count / 2;
                Queue.PutBack(items.GetRange(half, items.Count - half));
                items.RemoveRange(half, items.Count - half);
                frame = Outgoing.Observations(Outbox.NextSeq, items, items.Count, Inbox.Received);
            }
            Outbox.Push(frame);
            carriedBatch = Outbox.Last;
            carriedReceived = Inbox.Received;
            return items.Count;
        }

        /// <summary>What is to be sent next, or null; the same until FrameSent.</summary>
        public byte[] NextFrame(double now)
        {
            if (State == SessionState.Refused)
            {
                return null;
            }
            if (parting)
            {
                // The sidecar waits a moment for this before it closes the connection under its last words.
                return Goodbye();
            }
            if (State == SessionState.Connecting)
            {
                return now - helloAt >= HelloAgainSeconds ? SayHello() : null;
            }
            byte[] frame = Outbox.Peek();
            if (frame != null)
            {
                return frame;
            }
            return acked < Inbox.Received || now - spoke >= AckSeconds ? Outgoing.Ack(Inbox.Received) : null;
        }

        /// <summary>The connection took the frame of NextFrame.</summary>
        public void FrameSent(double now)
        {
            spoke = now;
            if (parting)
            {
                parting = false;
                helloAt = now;
            }
            else if (State == SessionState.Connecting)
            {
                helloAt = now;
                acked = Inbox.Received;
            }
            else if (Outbox.Peek() != null)
            {
                Outbox.Sent();
                // A new batch carries the ack; one that is resent carries an old one.
                if (Outbox.Cursor == carriedBatch && carriedReceived > acked)
                {
                    acked = carriedReceived;
                }
            }
            else
            {
                acked = Inbox.Received;
            }
        }

        /// <summary>The frame that ends the session on purpose.</summary>
        public byte[] Goodbye()
        {
            return Outgoing.Bye("");
        }

        private byte[] SayHello()
        {
            var hello = new Hello
            {
                Client = Client,
                Package = package,
                Capabilities = Protocol.Capabilities,
                Schema = Protocol.SchemaDigest,
                Owns = wanted,
                Session = Snapshot == null ? 0 : session,
                Received = Inbox.Received,
                LockStep = lockStep,
            };
            return hello.Encode();
        }

        private void Welcomed(Welcome welcome)
        {
            State = SessionState.Live;
            Reason = "";
            Owns = welcome.Owns;
            if (welcome.Resumed && welcome.Session == session && Outbox.Resume(welcome.Observed))
            {
                Count("resumed");
                return;
            }
            if (session != 0)
            {
                // Another world: what was meant for the old one has no meaning in it.
                Count("observations_forgotten", Outbox.Count + Queue.Clear());
                Count("restarts");
            }
            session = welcome.Session;
            Snapshot = null;
            Outbox = new Outbox((int)System.Math.Max(1, System.Math.Min(welcome.Credit, int.MaxValue)));
            Inbox = new Inbox();
            acked = 0;
            carriedBatch = 0;
            carriedReceived = 0;
        }

        private void RefusedBy(Refused refused, List<Message> updates)
        {
            bool notWelcome = refused.Code == Codes.NotWelcome;
            if (notWelcome || (refused.Code == Codes.AlreadyConnected && session != 0))
            {
                // A connection was renewed below us, or the sidecar has not yet noticed that our old one is gone.
                Count(refused.Code);
                Again(refused.Text, notWelcome && State == SessionState.Live);
                return;
            }
            State = SessionState.Refused;
            Refusal = refused;
            Reason = refused.Text;
            updates.Add(refused);
        }

        private void Parted(Bye bye, List<Message> updates)
        {
            if (bye.Reason == Codes.ShuttingDown)
            {
                Lost("the sidecar has ended");
                parting = true;
            }
            else
            {
                Again("the sidecar ended the session: " + bye.Reason, true);
            }
            updates.Add(bye);
        }

        private void Again(string reason, bool atOnce)
        {
            State = SessionState.Connecting;
            Reason = reason;
            if (atOnce)
            {
                helloAt = double.NegativeInfinity;
            }
        }

        private void Numbered(Message message, List<Message> updates)
        {
            if (Snapshot == null)
            {
                return;
            }
            switch (Inbox.Take(message.Seq))
            {
                case Arrival.Gap:
                    // The connection lost something: come back and have it resent.
                    Count("gap");
                    Again("a message is missing", true);
                    break;
                case Arrival.Seen:
                    // Our ack was lost, or the sidecar would not send it again.
                    acked = System.Math.Min(acked, Inbox.Received - 1);
                    break;
                default:
                    Note(message);
                    updates.Add(message);
                    break;
            }
        }

        private void Count(string what, long by = 1)
        {
            Counts.TryGetValue(what, out long before);
            Counts[what] = before + by;
        }
    }
}
