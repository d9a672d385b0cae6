// Owns the writing of one map whose fields are left out where they have their default.
namespace EmotionRuntime
{
    /// <summary>Fields are written in order of the calls; the number of pairs is counted.</summary>
    internal sealed class MapWriter
    {
        private readonly MsgPackWriter body = new MsgPackWriter();
        private int count;

        /// <summary>Starts with the tag that says what the map is.</summary>
        public MapWriter(string tagKey, string tag)
        {
            Text(tagKey, tag);
        }

        /// <summary>Writes the key; the caller writes the value.</summary>
        public MsgPackWriter Key(string key)
        {
            count++;
            body.Text(key);
            return body;
        }

        public void Text(string key, string text)
        {
            Key(key).Text(text);
        }

        public void Integer(string key, long value)
        {
            Key(key).Integer(value);
        }

        public void Number(string key, double value)
        {
            Key(key).Number(value);
        }

        public void Boolean(string key, bool value)
        {
            Key(key).Boolean(value);
        }

        public void Value(string key, object value)
        {
            Key(key).Value(value);
        }

        public void TextUnlessEmpty(string key, string text)
        {
            if (!string.IsNullOrEmpty(text))
            {
                Text(key, text);
            }
        }

        public void ListUnlessEmpty(string key, string[] texts)
        {
            if (texts.Length > 0)
            {
                Value(key, texts);
            }
        }

        public void IntegerUnlessZero(string key, long value)
        {
            if (value != 0)
            {
                Integer(key, value);
            }
        }

        public void TrueOrNothing(string key, bool value)
        {
            if (value)
            {
                Boolean(key, true);
            }
        }

        /// <summary>The map as a message, with the protocol number.</summary>
        public byte[] Message()
        {
            Integer("v", Protocol.Number);
            var writer = new MsgPackWriter();
            CopyTo(writer);
            return writer.ToArray();
        }

        /// <summary>Append the map to another writer.</summary>
        public void CopyTo(MsgPackWriter writer)
        {
            writer.Map(count);
            writer.Raw(body);
        }
    }
}
