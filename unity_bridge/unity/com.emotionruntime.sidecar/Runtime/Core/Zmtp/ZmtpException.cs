// Owns the ways in which a connection fails, so that a person can be told which one it was.
using System;

namespace EmotionRuntime
{
    internal enum ZmtpFailure
    {
        None,

        /// <summary>Nobody listens there, or the host has no such name.</summary>
        NotReachable,

        /// <summary>Somebody listens, who does not speak ZMTP 3.</summary>
        NotZmtp,

        /// <summary>A ZeroMQ socket of another type: the port of another endpoint.</summary>
        WrongSocket,

        /// <summary>The password was refused, is missing, or is not wanted.</summary>
        WrongToken,

        /// <summary>No answer in time, before the connection stood.</summary>
        NoAnswer,

        /// <summary>A connection that stood is gone.</summary>
        Lost,
    }

    internal sealed class ZmtpException : Exception
    {
        public readonly ZmtpFailure Failure;

        public ZmtpException(ZmtpFailure failure, string message)
            : base(message)
        {
            Failure = failure;
        }
    }
}
