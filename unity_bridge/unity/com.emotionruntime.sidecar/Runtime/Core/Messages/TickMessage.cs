// Owns a tick as it arrives: its numbers, and where its columns lie in the frame. Not yet checked against a roster.
namespace EmotionRuntime
{
    internal sealed class TickMessage : Message
    {
        private static readonly int SessionField = Shapes.Tick.IndexOf("session");
        private static readonly int TickField = Shapes.Tick.IndexOf("tick");
        private static readonly int TimeField = Shapes.Tick.IndexOf("time");
        private static readonly int EpochField = Shapes.Tick.IndexOf("epoch");
        private static readonly int RowsField = Shapes.Tick.IndexOf("n");
        private static readonly int EmotionField = Shapes.Tick.IndexOf("emotion");
        private static readonly int MoodField = Shapes.Tick.IndexOf("mood");
        private static readonly int ActionField = Shapes.Tick.IndexOf("action");
        private static readonly int DigestField = Shapes.Tick.IndexOf("digest");
        private static readonly int FaceField = Shapes.Tick.IndexOf("face");
        private static readonly int PausedField = Shapes.Tick.IndexOf("paused");
        private static readonly int SentField = Shapes.Tick.IndexOf("sent");
        private static readonly int SeqField = Shapes.Tick.IndexOf("seq");

        private readonly Fields fields = new Fields(Shapes.Tick);

        public long Session;
        public long Tick;
        public double Time;
        public long Epoch;
        public long Rows;
        public Blob Emotion;
        public Blob Mood;
        public Blob Action;
        public Blob Digest;
        public Blob Face;
        public bool Paused;
        public double Sent;

        /// <summary>Take the checked map at a place of a frame; the blobs stay in the frame.</summary>
        public void Read(byte[] data, int position)
        {
            fields.Locate(data, position);
            Session = fields.Integer(SessionField);
            Tick = fields.Integer(TickField);
            Time = fields.Number(TimeField);
            Epoch = fields.Integer(EpochField);
            Rows = fields.Integer(RowsField);
            Emotion = fields.Blob(EmotionField);
            Mood = fields.Blob(MoodField);
            Action = fields.Blob(ActionField);
            Digest = fields.Blob(DigestField);
            Face = fields.Blob(FaceField);
            Paused = fields.Boolean(PausedField);
            Sent = fields.Number(SentField);
            Seq = fields.Integer(SeqField);
        }
    }
}
