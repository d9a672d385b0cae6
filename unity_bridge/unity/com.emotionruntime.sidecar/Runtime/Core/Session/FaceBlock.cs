// Owns the faces that a wish brought, as columns: which rows of the roster, and their weights, checked.
using System;

namespace EmotionRuntime
{
    /// <summary>Made anew for each frame of faces; it may be kept.</summary>
    public sealed class FaceBlock
    {
        private static readonly int SessionField = EmotionRuntime.Shapes.Faces.IndexOf("session");
        private static readonly int TickField = EmotionRuntime.Shapes.Faces.IndexOf("tick");
        private static readonly int EpochField = EmotionRuntime.Shapes.Faces.IndexOf("epoch");
        private static readonly int FormField = EmotionRuntime.Shapes.Faces.IndexOf("form");
        private static readonly int RowsField = EmotionRuntime.Shapes.Faces.IndexOf("n");
        private static readonly int WeightsField = EmotionRuntime.Shapes.Faces.IndexOf("weights");
        private static readonly int IndexField = EmotionRuntime.Shapes.Faces.IndexOf("index");
        private static readonly int BytesField = EmotionRuntime.Shapes.Faces.IndexOf("u8");

        /// <summary>Reads the checked map at a place of a frame. Throws ProtocolException: stale_epoch, bad_column or
        /// bad_value.</summary>
        internal FaceBlock(byte[] frame, int start, Roster roster, string[] columns)
        {
            var fields = new Fields(EmotionRuntime.Shapes.Faces, frame, start);
            Session = fields.Integer(SessionField);
            Tick = fields.Integer(TickField);
            Form = fields.Text(FormField);
            Columns = columns;
            if (fields.Integer(EpochField) != roster.Epoch)
            {
                throw new ProtocolException(Codes.StaleEpoch, "the faces are of another roster", "$.epoch");
            }
            Rows = ReadRows(fields.Integer(RowsField), fields.Blob(IndexField), roster.Characters.Length);
            Weights = ReadWeights(fields.Blob(WeightsField), Rows.Length, columns.Length, fields.Boolean(BytesField));
        }

        public long Session { get; private set; }

        public long Tick { get; private set; }

        /// <summary>"arkit52" or "vrm".</summary>
        public string Form { get; private set; }

        /// <summary>Names of the columns: ARKit's blendshapes, or VRM's expressions.</summary>
        public string[] Columns { get; private set; }

        /// <summary>Rows of the roster, strictly ascending.</summary>
        public int[] Rows { get; private set; }

        /// <summary>Rows x Columns, each in 0..1.</summary>
        public float[] Weights { get; private set; }

        /// <summary>Copy the weights of a row of the roster; false when its face is not among these.</summary>
        public bool CopyRow(int row, ref float[] into)
        {
            int place = Array.BinarySearch(Rows, row);
            if (place < 0)
            {
                return false;
            }
            if (into.Length != Columns.Length)
            {
                into = new float[Columns.Length];
            }
            Array.Copy(Weights, place * Columns.Length, into, 0, Columns.Length);
            return true;
        }

        private static int[] ReadRows(long count, Blob index, int characters)
        {
            var rows = new int[count];
            if (index.Length == 0)
            {
                if (count != 0 && count != characters)
                {
                    throw new ProtocolException(Codes.BadColumn, count + " rows without an index", "$.n");
                }
                for (int i = 0; i < rows.Length; i++)
                {
                    rows[i] = i;
                }
                return rows;
            }
            if (index.Length != count * sizeof(uint))
            {
                throw new ProtocolException(Codes.BadColumn, index.Length + " bytes for " + count + " rows", "$.index");
            }
            long before = -1;
            for (int i = 0; i < rows.Length; i++)
            {
                int at = index.Offset + 4 * i;
                byte[] data = index.Data;
                long row = data[at] + 256L * (data[at + 1] + 256L * (data[at + 2] + 256L * data[at + 3]));
                if (row <= before)
                {
                    throw new ProtocolException(Codes.BadValue, "rows must be strictly ascending", "$.index[" + i + "]");
                }
                before = row;
                rows[i] = (int)Math.Min(row, int.MaxValue);
            }
            if (before >= characters)
            {
                string where = "$.index[" + (rows.Length - 1) + "]";
                throw new ProtocolException(Codes.BadValue, "row " + before + " of " + characters, where);
            }
            return rows;
        }

        private static float[] ReadWeights(Blob blob, int rows, int columns, bool bytes)
        {
            int count = rows * columns;
            if (blob.Length != count * (bytes ? 1 : sizeof(float)))
            {
                throw new ProtocolException(
                    Codes.BadColumn, blob.Length + " bytes where " + count + " weights are needed", "$.weights");
            }
            var weights = new float[count];
            if (!bytes && count > 0)
            {
                Buffer.BlockCopy(blob.Data, blob.Offset, weights, 0, blob.Length);
            }
            for (int i = 0; i < count; i++)
            {
                if (bytes)
                {
                    weights[i] = blob.Data[blob.Offset + i] / 255f;
                }
                else if (!(weights[i] >= 0f && weights[i] <= 1f))
                {
                    string where = "$.weights[" + i / columns + "][" + i % columns + "]";
                    throw new ProtocolException(Codes.BadValue, weights[i] + " is not in 0..1", where);
                }
            }
            return weights;
        }
    }
}
