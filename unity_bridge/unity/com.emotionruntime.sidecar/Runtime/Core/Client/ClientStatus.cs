// Owns how things stand, in words: the state a person sees, why, and what to do about it.
namespace EmotionRuntime
{
    /// <summary>How a client stands with its sidecar.</summary>
    public enum ClientState
    {
        /// <summary>Not started, or stopped.</summary>
        Off,

        /// <summary>No welcome yet.</summary>
        Connecting,

        /// <summary>Ticks come.</summary>
        Live,

        /// <summary>The sidecar's clock stands; this is no fault.</summary>
        Paused,

        /// <summary>No tick for a quarter of a second: hold, then fade to neutral.</summary>
        Stale,

        /// <summary>It was there and is gone; the client comes back by itself.</summary>
        Lost,

        /// <summary>The sidecar said no.</summary>
        Refused,
    }

    /// <summary>State, reason and remedy; all texts are for people.</summary>
    public struct ClientStatus
    {
        public readonly ClientState State;

        /// <summary>Why; empty when all is well.</summary>
        public readonly string Reason;

        /// <summary>What to do; empty when there is nothing to do.</summary>
        public readonly string Remedy;

        internal ClientStatus(ClientState state, string reason = "", string remedy = "")
        {
            State = state;
            Reason = reason;
            Remedy = remedy;
        }

        public override string ToString()
        {
            string text = State.ToString().ToLowerInvariant();
            text += Reason.Length > 0 ? ": " + Reason : "";
            return Remedy.Length > 0 ? text + ". " + Remedy : text;
        }

        /// <summary>What to do about a connection that does not come about.</summary>
        internal static string RemedyFor(ZmtpFailure failure)
        {
            switch (failure)
            {
                case ZmtpFailure.NotReachable:
                    return "Start the sidecar: emotion-runtime serve SCENE.";
                case ZmtpFailure.NotZmtp:
                case ZmtpFailure.WrongSocket:
                case ZmtpFailure.NoAnswer:
                    return "Check the port: the sidecar prints it when it starts; the link is the stream's port + 1.";
                case ZmtpFailure.WrongToken:
                    return "Check the token: it must be the one the sidecar was started with.";
                default:
                    return "";
            }
        }

        /// <summary>What to do about a refusal, where the sidecar did not say.</summary>
        internal static string RemedyFor(Refused refused)
        {
            if (refused.Remedy.Length > 0)
            {
                return refused.Remedy;
            }
            return refused.Code == Codes.WrongVersion ? "Update this package or the sidecar to the same protocol." : "";
        }
    }
}
