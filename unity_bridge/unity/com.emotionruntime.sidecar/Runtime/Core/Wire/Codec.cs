// Owns bytes -> messages: the order of checks of docs/protocol.md section 3, every refusal a ProtocolException.
namespace EmotionRuntime
{
    /// <summary>One for each thread that reads: it keeps its working memory.</summary>
    internal sealed class Codec
    {
        private readonly long[] outer = new long[Protocol.MaxDepth];
        private readonly ShapeCheck check = new ShapeCheck();

        /// <summary>What a client takes; anything else is unknown_message: skip it.</summary>
        private static readonly Shape[] Taken =
        {
            Shapes.Tick,
            Shapes.Welcome,
            Shapes.Refused,
            Shapes.Bye,
            Shapes.Roster,
            Shapes.Snapshot,
            Shapes.Part,
            Shapes.Command,
            Shapes.Perception,
            Shapes.Variables,
            Shapes.Owned,
            Shapes.Notice,
            Shapes.Ack,
            Shapes.Reply,
        };

        /// <summary>The message in a frame of the link or of control. Throws ProtocolException and nothing else.</summary>
        public Message Decode(byte[] frame, int limit = Protocol.MaxStateBytes)
        {
            Shape shape = Check(frame, 0, frame.Length, limit, Taken);
            return Incoming.Read(shape, frame, 0);
        }

        /// <summary>The snapshot in a frame that came in parts. Throws ProtocolException and nothing else.</summary>
        public Snapshot DecodeSnapshot(byte[] frame)
        {
            Shape shape = Check(frame, 0, frame.Length, Protocol.MaxStateBytes, SnapshotAlone);
            return (Snapshot)Incoming.Read(shape, frame, 0);
        }

        /// <summary>Finds the fields of the tick in a stream frame: the topic, then the message.</summary>
        public void DecodeStream(byte[] frame, int length, TickMessage into)
        {
            string topic = Protocol.TopicTick;
            bool same = length >= topic.Length;
            for (int i = 0; same && i < topic.Length; i++)
            {
                same = frame[i] == topic[i];
            }
            if (length < topic.Length)
            {
                throw ProtocolException.Malformed("a stream frame begins with " + topic.Length + " bytes of topic");
            }
            if (!same)
            {
                throw new ProtocolException(Codes.UnknownMessage, "this stream topic is not known here");
            }
            Check(frame, topic.Length, length - topic.Length, Protocol.MaxStateBytes, TickAlone);
            into.Read(frame, topic.Length);
        }

        private static readonly Shape[] SnapshotAlone = { Shapes.Snapshot };
        private static readonly Shape[] TickAlone = { Shapes.Tick };

        /// <summary>Checks one message and returns its shape, one of <paramref name="allowed"/>.</summary>
        public Shape Check(byte[] data, int start, int length, int limit, Shape[] allowed)
        {
            if (length > limit)
            {
                throw new ProtocolException(
                    Codes.TooLarge, "the message has " + length + " bytes, the limit is " + limit);
            }
            MsgPackScan.Check(data, start, length, outer);
            int type = Envelope(data, start);
            var reader = new MsgPackReader(data, type);
            int bytes = reader.Body();
            for (int i = 0; i < allowed.Length; i++)
            {
                if (Shape.Same(allowed[i].TagBytes, data, reader.Position, bytes))
                {
                    check.Check(allowed[i], data, start);
                    return allowed[i];
                }
            }
            throw new ProtocolException(Codes.UnknownMessage, "a message type that is not taken here", "$.type");
        }

        /// <summary>Position of the value of `type` in a message of this protocol; throws why it is none.</summary>
        private static int Envelope(byte[] data, int start)
        {
            var reader = new MsgPackReader(data, start);
            if (reader.Kind != MsgPackKind.Map)
            {
                throw ProtocolException.Malformed("a message is a map with text keys");
            }
            int type = -1;
            int version = -1;
            int count = reader.Count();
            for (int i = 0; i < count; i++)
            {
                if (reader.Kind != MsgPackKind.Text)
                {
                    throw ProtocolException.Malformed("a message is a map with text keys");
                }
                int length = reader.Body();
                int key = reader.Position;
                reader.Position += length;
                if (Shape.Same(TypeKey, data, key, length))
                {
                    type = reader.Position;
                }
                else if (Shape.Same(VersionKey, data, key, length))
                {
                    version = reader.Position;
                }
                reader.Skip();
            }
            CheckVersion(data, version);
            if (type < 0 || new MsgPackReader(data, type).Kind != MsgPackKind.Text)
            {
                throw ProtocolException.Malformed("the message has no text `type`", "$.type");
            }
            return type;
        }

        private static readonly byte[] TypeKey = { (byte)'t', (byte)'y', (byte)'p', (byte)'e' };
        private static readonly byte[] VersionKey = { (byte)'v' };

        private static void CheckVersion(byte[] data, int place)
        {
            var reader = new MsgPackReader(data, place);
            if (place < 0 || reader.Kind == MsgPackKind.Nil)
            {
                throw new ProtocolException(Codes.WrongVersion, "the message names no protocol number", "$.v");
            }
            if (reader.Kind != MsgPackKind.Integer)
            {
                throw new ProtocolException(Codes.BadValue, "the protocol number is an integer", "$.v");
            }
            long theirs = reader.Integer(out bool huge);
            if (huge || theirs != Protocol.Number)
            {
                throw new ProtocolException(
                    Codes.WrongVersion,
                    "the sidecar speaks protocol " + theirs + ", this client protocol " + Protocol.Number,
                    "$.v",
                    huge || theirs > Protocol.Number ? "update this package" : "update the sidecar");
            }
        }
    }
}
