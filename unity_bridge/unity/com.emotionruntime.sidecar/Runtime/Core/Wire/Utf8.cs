// Owns the strict reading of UTF-8: validity and length in one pass, without making a string.
using System.Text;

namespace EmotionRuntime
{
    internal static class Utf8
    {
        /// <summary>Characters (code points) in the bytes, or -1 when they are not UTF-8.</summary>
        public static int Count(byte[] data, int position, int length)
        {
            int end = position + length;
            int count = 0;
            while (position < end)
            {
                int first = data[position];
                int more = first < 0x80 ? 0 : Following(data, position, end, first);
                if (more < 0 || position + more >= end)
                {
                    return -1;
                }
                for (int i = 2; i <= more; i++)
                {
                    if ((data[position + i] & 0xC0) != 0x80)
                    {
                        return -1;
                    }
                }
                position += more + 1;
                count++;
            }
            return count;
        }

        /// <summary>The bytes as a string; they must be valid.</summary>
        public static string Text(byte[] data, int position, int length)
        {
            return length == 0 ? "" : Encoding.UTF8.GetString(data, position, length);
        }

        /// <summary>Bytes after the first one, with the second one checked; -1 for what UTF-8 never is.</summary>
        private static int Following(byte[] data, int position, int end, int first)
        {
            if (first < 0xC2 || first > 0xF4 || position + 1 >= end)
            {
                return -1;
            }
            int second = data[position + 1];
            // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
            int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
            int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
            if (second < least || second > most)
            {
                return -1;
            }
            return first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        }
    }
}
