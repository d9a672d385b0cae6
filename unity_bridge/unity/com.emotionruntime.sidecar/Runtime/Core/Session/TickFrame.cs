// Owns a tick as arrays, checked against its roster: what the game reads each rendered frame.
using System;

namespace EmotionRuntime
{
    /// <summary>The state after one tick. The arrays are used again for later ticks: copy what you keep.</summary>
    public sealed class TickFrame
    {
        private const int One = 0x3F800000;
        private const int NoSign = 0x7FFFFFFF;
        private int[] bits = new int[0];

        public long Session { get; private set; }

        public long Tick { get; private set; }

        /// <summary>Simulated seconds.</summary>
        public double Time { get; private set; }

        public bool Paused { get; private set; }

        /// <summary>Characters, the rows of every column.</summary>
        public int Rows { get; private set; }

        /// <summary>Columns of the emotions.</summary>
        public int Labels { get; private set; }

        /// <summary>Columns of the faces; 0 when none are streamed.</summary>
        public int Shapes { get; private set; }

        /// <summary>Rows x Labels, each strictly inside (0, 1).</summary>
        public float[] Emotion { get; private set; } = new float[0];

        /// <summary>Rows x 3: pleasure, arousal, dominance, each in -1..1.</summary>
        public float[] Mood { get; private set; } = new float[0];

        /// <summary>Rows indices into the roster's actions.</summary>
        public ushort[] Action { get; private set; } = new ushort[0];

        /// <summary>Rows x Shapes, each in 0..1.</summary>
        public float[] Face { get; private set; } = new float[0];

        /// <summary>16 bytes over the whole state, or none.</summary>
        public byte[] Digest { get; private set; } = new byte[0];

        /// <summary>Take a tick over. Throws stale_epoch, bad_column or bad_value: this object is then not to be used.</summary>
        internal void Take(TickMessage tick, Roster roster)
        {
            if (tick.Epoch != roster.Epoch)
            {
                throw new ProtocolException(Codes.StaleEpoch, "the tick is of another roster", "$.epoch");
            }
            Rows = roster.Characters.Length;
            Labels = roster.Labels.Length;
            if (tick.Rows != Rows)
            {
                throw new ProtocolException(
                    Codes.BadColumn, tick.Rows + " rows where the roster has " + Rows + " characters", "$.n");
            }
            if (tick.Digest.Length != 0 && tick.Digest.Length != Protocol.DigestBytes)
            {
                throw new ProtocolException(Codes.BadColumn, "a digest has 16 bytes", "$.digest");
            }
            Emotion = Column(tick.Emotion, Emotion, Labels, "emotion");
            CheckEmotion();
            Mood = Column(tick.Mood, Mood, 3, "mood");
            CheckMood();
            Shapes = tick.Face.Length == 0 ? 0 : roster.Shapes.Length;
            Face = Column(tick.Face, Face, Shapes, "face");
            CheckFace();
            TakeActions(tick.Action, roster.Actions.Length);
            if (Digest.Length != tick.Digest.Length)
            {
                Digest = new byte[tick.Digest.Length];
            }
            Copy(tick.Digest, Digest);
            Session = tick.Session;
            Tick = tick.Tick;
            Time = tick.Time;
            Paused = tick.Paused;
        }

        private static void Copy(Blob blob, Array into)
        {
            if (blob.Length > 0)
            {
                Buffer.BlockCopy(blob.Data, blob.Offset, into, 0, blob.Length);
            }
        }

        private float[] Column(Blob blob, float[] values, int columns, string name)
        {
            int count = Rows * columns;
            CheckLength(blob, count, sizeof(float), name);
            if (values.Length != count)
            {
                values = new float[count];
            }
            if (bits.Length < count)
            {
                bits = new int[count];
            }
            Copy(blob, values);
            Copy(blob, bits);
            return values;
        }

        private static void CheckLength(Blob blob, int count, int size, string name)
        {
            if (blob.Length != count * size)
            {
                throw new ProtocolException(
                    Codes.BadColumn, blob.Length + " bytes where " + count + " values are needed", "$." + name);
            }
        }

        // Floats in order are integers in order, so a range is two subtractions whose sign bits are gathered: no
        // branch for a value. What looks wrong is looked at again, slowly and exactly.
        private void CheckEmotion()
        {
            int wrong = 0;
            int[] raw = bits;
            for (int i = 0; i < Emotion.Length; i++)
            {
                wrong |= (raw[i] - 1) | (One - 1 - raw[i]);
            }
            for (int i = 0; wrong < 0 && i < Emotion.Length; i++)
            {
                if (!(Emotion[i] > 0f && Emotion[i] < 1f))
                {
                    throw OutOfRange("emotion", i, Labels, Emotion[i] + " is not strictly inside (0, 1)");
                }
            }
        }

        private void CheckMood()
        {
            int wrong = 0;
            int[] raw = bits;
            for (int i = 0; i < Mood.Length; i++)
            {
                wrong |= One - (raw[i] & NoSign);
            }
            for (int i = 0; wrong < 0 && i < Mood.Length; i++)
            {
                if (!(Mood[i] >= -1f && Mood[i] <= 1f))
                {
                    throw OutOfRange("mood", i, 3, Mood[i] + " is not in -1..1");
                }
            }
        }

        private void CheckFace()
        {
            int wrong = 0;
            int[] raw = bits;
            for (int i = 0; i < Face.Length; i++)
            {
                wrong |= raw[i] | (One - raw[i]);
            }
            for (int i = 0; wrong < 0 && i < Face.Length; i++)
            {
                if (!(Face[i] >= 0f && Face[i] <= 1f))
                {
                    throw OutOfRange("face", i, Shapes, Face[i] + " is not in 0..1");
                }
            }
        }

        private void TakeActions(Blob blob, int known)
        {
            CheckLength(blob, Rows, sizeof(ushort), "action");
            if (Action.Length != Rows)
            {
                Action = new ushort[Rows];
            }
            Copy(blob, Action);
            for (int i = 0; i < Action.Length; i++)
            {
                if (Action[i] >= known)
                {
                    throw new ProtocolException(
                        Codes.BadValue, Action[i] + " is no index of the roster's actions", "$.action[" + i + "]");
                }
            }
        }

        private static ProtocolException OutOfRange(string name, int index, int columns, string message)
        {
            string where = "$." + name + "[" + index / columns + "][" + index % columns + "]";
            return new ProtocolException(Codes.BadValue, message, where);
        }
    }
}
