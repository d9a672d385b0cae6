// Owns the pieces of a long message until it is whole.
using System.Collections.Generic;
using System.IO;

namespace EmotionRuntime
{
    internal sealed class Assembly
    {
        private readonly List<byte[]> pieces = new List<byte[]>();
        private long size;
        private long count;

        /// <summary>Forget what there is: it was of another connection.</summary>
        public void Clear()
        {
            pieces.Clear();
            size = 0;
            count = 0;
        }

        /// <summary>The whole message with its last part, else null. A part out of its order forgets what there is.</summary>
        public byte[] Take(Part part)
        {
            if (part.Index == 0)
            {
                Clear();
                count = part.Count;
            }
            bool fits = part.Index == pieces.Count && part.Index < count && part.Count == count;
            if (!fits || size + part.Data.Length > Protocol.MaxStateBytes)
            {
                Clear();
                return null;
            }
            pieces.Add(part.Data);
            size += part.Data.Length;
            if (pieces.Count < count)
            {
                return null;
            }
            var whole = new MemoryStream((int)size);
            foreach (byte[] piece in pieces)
            {
                whole.Write(piece, 0, piece.Length);
            }
            Clear();
            return whole.ToArray();
        }
    }
}
