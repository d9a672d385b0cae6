// Owns the one exception of the wire: a stable code, where the fault is, and what can be told of the message.
using System;

namespace EmotionRuntime
{
    /// <summary>A frame that is not taken. <see cref="Code"/> is one of <see cref="Codes"/>.</summary>
    public sealed class ProtocolException : Exception
    {
        /// <summary>Stable; for programs.</summary>
        public readonly string Code;

        /// <summary>Path such as <c>$.items[0].at</c>, or empty when the frame as a whole is at fault.</summary>
        public readonly string Where;

        /// <summary>What to do, or empty.</summary>
        public readonly string Remedy;

        internal ProtocolException(string code, string message, string where = "", string remedy = "")
            : base(message)
        {
            Code = code;
            Where = where;
            Remedy = remedy;
        }

        internal static ProtocolException Malformed(string message, string where = "")
        {
            return new ProtocolException(Codes.Malformed, message, where, "send one msgpack map a frame");
        }
    }
}
