// Owns what a connection needs to know: where to, as what, with which password, and its patience.
using System;
using System.Net;

namespace EmotionRuntime
{
    internal sealed class ZmtpSettings
    {
        public string Host;
        public int Port;

        /// <summary>SUB or DEALER.</summary>
        public string SocketType;

        /// <summary>Socket types the other side may be.</summary>
        public string[] Partners;

        /// <summary>Of a SUB; null otherwise.</summary>
        public string Topic;

        /// <summary>Null: the NULL mechanism. Otherwise PLAIN.</summary>
        public string User;

        public string Password = "";

        /// <summary>Where the password is read from, anew for every connection; null: it is Password.</summary>
        public string PasswordFile;

        public long MaxFrameBytes = Protocol.MaxStateBytes + 4;
        public int ConnectMs = 2000;
        public int HandshakeMs = 2000;
        public int HeartbeatMs = Protocol.HeartbeatIntervalMs;
        public int SilenceMs = Protocol.HeartbeatTimeoutMs;
        public int RetryMs = 100;
        public int RetryMaxMs = 2000;

        public static ZmtpSettings Sub(string endpoint, string topic)
        {
            return Of(endpoint, "SUB", new[] { "XPUB", "PUB" }, topic);
        }

        public static ZmtpSettings Dealer(string endpoint)
        {
            return Of(endpoint, "DEALER", new[] { "ROUTER", "DEALER", "REP" }, null);
        }

        /// <summary>The password as it is now. Throws WrongToken when its file is unusable.</summary>
        public string CurrentPassword()
        {
            return PasswordFile == null ? Password : TokenFile.Read(PasswordFile, User);
        }

        /// <summary>An address to connect to. Throws NotReachable for a name that nobody knows.</summary>
        public IPAddress Address()
        {
            // The sidecar listens on IPv4; "localhost" is often ::1 first.
            if (Host == "localhost")
            {
                return IPAddress.Loopback;
            }
            if (IPAddress.TryParse(Host, out IPAddress address))
            {
                return address;
            }
            try
            {
                foreach (IPAddress each in Dns.GetHostAddresses(Host))
                {
                    if (each.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
                    {
                        return each;
                    }
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Told below, as for a name with no IPv4 address.
            }
            throw new ZmtpException(ZmtpFailure.NotReachable, "the host " + Host + " is not known");
        }

        private static ZmtpSettings Of(string endpoint, string type, string[] partners, string topic)
        {
            const string scheme = "tcp://";
            int colon = endpoint.LastIndexOf(':');
            int port = 0;
            bool good = endpoint.StartsWith(scheme, StringComparison.Ordinal) && colon > scheme.Length
                && int.TryParse(endpoint.Substring(colon + 1), out port) && port > 0 && port < 65536;
            if (!good)
            {
                throw new ArgumentException("an endpoint looks like tcp://127.0.0.1:5570, not like " + endpoint);
            }
            return new ZmtpSettings
            {
                Host = endpoint.Substring(scheme.Length, colon - scheme.Length),
                Port = port,
                SocketType = type,
                Partners = partners,
                Topic = topic,
            };
        }
    }

    /// <summary>What becomes of a connection. Called on the connection's thread, one call at a time.</summary>
    internal interface IZmtpSink
    {
        /// <summary>The handshake is done; messages may be sent under this number.</summary>
        void Opened(int connection);

        /// <summary>A message of one frame; the bytes are valid during the call.</summary>
        void Arrived(int connection, byte[] data, int offset, int length);

        /// <summary>It did not come about, or is gone.</summary>
        void Closed(int connection, ZmtpFailure failure, string reason);
    }
}
