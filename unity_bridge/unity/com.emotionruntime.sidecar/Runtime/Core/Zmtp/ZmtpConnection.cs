// Owns one TCP connection as a ZMTP peer: handshake, frames in, heartbeats; runs in the thread that calls it.
using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EmotionRuntime
{
    /// <summary>The socket never blocks. Any thread may Send; all else belongs to the peer's.</summary>
    internal sealed class ZmtpConnection : IDisposable
    {
        private const int PollMicroseconds = 20000;
        private const int BusyPollMicroseconds = 2000;
        private const int MaxPendingBytes = 2 * Protocol.MaxLinkBytes;
        private const int FarewellMs = 100;
        private readonly ZmtpSettings settings;
        private readonly ZmtpDecoder decoder;
        private readonly Socket socket;
        private readonly object writing = new object();
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private byte[] pending = new byte[4096];
        private int pendingStart;
        private int pendingEnd;
        private long heard;
        private long pinged;
        private bool dropping;

        public ZmtpConnection(ZmtpSettings settings, ZmtpDecoder decoder)
        {
            this.settings = settings;
            this.decoder = decoder;
            decoder.Reset();
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.NoDelay = true;
            socket.Blocking = false;
        }

        /// <summary>Set by the owner when it wants the connection to end.</summary>
        public volatile bool Stopping;

        /// <summary>Connect and shake hands. Throws ZmtpException; returns early when Stopping.</summary>
        public void Open()
        {
            Connect(settings.Address());
            string mechanism = settings.User == null ? "NULL" : "PLAIN";
            // libzmq closes on a mechanism that is not its own, perhaps before it has told it: ours waits for theirs
            Write(ZmtpWire.Greeting(mechanism, 0, ZmtpWire.VersionEnds));
            long deadline = clock.ElapsedMilliseconds + settings.HandshakeMs;
            if (!Greeted(mechanism, deadline))
            {
                return;
            }
            Write(ZmtpWire.Greeting(mechanism, ZmtpWire.VersionEnds, ZmtpWire.GreetingBytes));
            Write(settings.User == null
                ? ZmtpWire.Metadata("READY", settings.SocketType)
                : ZmtpWire.Hello(settings.User, settings.CurrentPassword()));
            while (!Stopping && !ShakeHands())
            {
                Await(deadline);
            }
            if (settings.Topic != null)
            {
                Write(ZmtpWire.Subscribe(settings.Topic));
            }
        }

        /// <summary>Hand on what comes until the connection is lost (ZmtpException) or Stopping.</summary>
        public void Run(IZmtpSink sink, int number)
        {
            heard = clock.ElapsedMilliseconds;
            pinged = heard;
            while (!Stopping)
            {
                while (decoder.Next(out int flags, out int offset, out int length))
                {
                    Take(sink, number, flags, offset, length);
                }
                bool busy = Flush();
                if (Receive(busy ? BusyPollMicroseconds : PollMicroseconds))
                {
                    heard = clock.ElapsedMilliseconds;
                }
                else
                {
                    KeepAlive();
                }
            }
        }

        /// <summary>Queue a message and send what the system takes now. False: too much waits already.</summary>
        public bool Send(byte[] message)
        {
            lock (writing)
            {
                if (pendingEnd - pendingStart > MaxPendingBytes)
                {
                    return false;
                }
                Append(ZmtpWire.Frame(message, 0));
            }
            Flush();
            return true;
        }

        /// <summary>Close so that what was sent last still arrives: say that no more comes, and read until they close.</summary>
        public void Farewell()
        {
            try
            {
                Flush();
                socket.Shutdown(SocketShutdown.Send);
                long deadline = clock.ElapsedMilliseconds + FarewellMs;
                while (clock.ElapsedMilliseconds < deadline)
                {
                    decoder.Reset();
                    Receive(BusyPollMicroseconds);
                }
            }
            catch (Exception error) when (error is SocketException || error is ZmtpException
                || error is ObjectDisposedException)
            {
                // They have closed, which is what was waited for.
            }
        }

        public void Dispose()
        {
            socket.Close();
        }

        private void Connect(IPAddress address)
        {
            try
            {
                socket.Connect(new IPEndPoint(address, settings.Port));
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock
                || error.SocketErrorCode == SocketError.InProgress)
            {
                AwaitConnected();
            }
        }

        private void AwaitConnected()
        {
            long deadline = clock.ElapsedMilliseconds + settings.ConnectMs;
            while (!Stopping)
            {
                // Windows tells a refused connection in the error set only.
                bool decided = socket.Poll(PollMicroseconds, SelectMode.SelectWrite)
                    || socket.Poll(0, SelectMode.SelectError);
                if (decided)
                {
                    int code = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error);
                    if (code != 0)
                    {
                        throw new SocketException(code);
                    }
                    return;
                }
                if (clock.ElapsedMilliseconds > deadline)
                {
                    throw new ZmtpException(ZmtpFailure.NotReachable, "nobody answers at " + settings.Host);
                }
            }
        }

        /// <summary>Read and judge their greeting; false when Stopping.</summary>
        private bool Greeted(string mechanism, long deadline)
        {
            int offset;
            while (!decoder.Take(ZmtpWire.GreetingBytes, out offset))
            {
                if (Stopping)
                {
                    return false;
                }
                try
                {
                    Await(deadline);
                }
                catch (ZmtpException error) when (error.Failure == ZmtpFailure.Lost && decoder.Take(10, out offset))
                {
                    // libzmq reads our mechanism before it has sent its own, and closes if they differ.
                    ZmtpWire.CheckSignature(decoder.Buffer, offset);
                    throw WrongMechanism();
                }
            }
            ZmtpWire.CheckSignature(decoder.Buffer, offset);
            if (ZmtpWire.Mechanism(decoder.Buffer, offset) != mechanism)
            {
                throw WrongMechanism();
            }
            return true;
        }

        private ZmtpException WrongMechanism()
        {
            return new ZmtpException(
                ZmtpFailure.WrongToken, settings.User == null ? "a token is needed" : "no token is wanted there");
        }

        /// <summary>Take a handshake command, if one is there; true when the handshake is done.</summary>
        private bool ShakeHands()
        {
            if (!decoder.Next(out int flags, out int offset, out int length))
            {
                return false;
            }
            if ((flags & ZmtpWire.Command) == 0)
            {
                throw new ZmtpException(ZmtpFailure.NotZmtp, "a message came before the handshake was done");
            }
            string name = ZmtpWire.CommandName(decoder.Buffer, offset, length, out int rest);
            int end = offset + length;
            if (name == "ERROR")
            {
                string reason = ZmtpWire.Reason(decoder.Buffer, rest, end);
                throw new ZmtpException(ZmtpFailure.WrongToken, "the connection was refused (" + reason + ")");
            }
            if (name == "WELCOME")
            {
                Write(ZmtpWire.Metadata("INITIATE", settings.SocketType));
            }
            if (name != "READY")
            {
                return false;
            }
            string partner = ZmtpWire.Property(decoder.Buffer, rest, end, "Socket-Type");
            if (Array.IndexOf(settings.Partners, partner) < 0)
            {
                throw new ZmtpException(
                    ZmtpFailure.WrongSocket, "a " + partner + " listens there, which is another endpoint's port");
            }
            return true;
        }

        private void Take(IZmtpSink sink, int number, int flags, int offset, int length)
        {
            bool more = (flags & ZmtpWire.More) != 0;
            if ((flags & ZmtpWire.Command) != 0)
            {
                string name = ZmtpWire.CommandName(decoder.Buffer, offset, length, out int _);
                if (name == "PING")
                {
                    Write(ZmtpWire.Pong(decoder.Buffer, offset, length));
                }
            }
            else if (more || dropping)
            {
                // A message of several frames is none of ours.
                dropping = more;
            }
            else
            {
                sink.Arrived(number, decoder.Buffer, offset, length);
            }
        }

        private void KeepAlive()
        {
            long now = clock.ElapsedMilliseconds;
            if (now - heard > settings.SilenceMs)
            {
                throw new ZmtpException(ZmtpFailure.Lost, "nothing was heard for " + (now - heard) + " ms");
            }
            if (now - heard > settings.HeartbeatMs && now - pinged > settings.HeartbeatMs)
            {
                pinged = now;
                Write(ZmtpWire.Ping());
            }
        }

        private void Await(long deadline)
        {
            Flush();
            if (!Receive(PollMicroseconds) && clock.ElapsedMilliseconds > deadline)
            {
                throw new ZmtpException(ZmtpFailure.NoAnswer, "whoever listens there does not shake hands");
            }
        }

        /// <summary>Read what is there, waiting at most so long. Throws when the connection has ended.</summary>
        private bool Receive(int microseconds)
        {
            if (!socket.Poll(microseconds, SelectMode.SelectRead))
            {
                return false;
            }
            int room = decoder.MakeRoom();
            int bytes = socket.Receive(decoder.Buffer, decoder.End, room, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return false;
            }
            if (error != SocketError.Success || bytes == 0)
            {
                throw new ZmtpException(ZmtpFailure.Lost, "the connection was closed");
            }
            decoder.Filled(bytes);
            return true;
        }

        private void Write(byte[] bytes)
        {
            lock (writing)
            {
                Append(bytes);
            }
            Flush();
        }

        private void Append(byte[] bytes)
        {
            if (pendingEnd + bytes.Length > pending.Length)
            {
                int waiting = pendingEnd - pendingStart;
                var into = new byte[Math.Max(2 * pending.Length, waiting + bytes.Length)];
                Buffer.BlockCopy(pending, pendingStart, into, 0, waiting);
                pending = into;
                pendingStart = 0;
                pendingEnd = waiting;
            }
            Buffer.BlockCopy(bytes, 0, pending, pendingEnd, bytes.Length);
            pendingEnd += bytes.Length;
        }

        /// <summary>Send what the system takes without waiting; true when something is left.</summary>
        private bool Flush()
        {
            lock (writing)
            {
                while (pendingStart < pendingEnd)
                {
                    int sent = socket.Send(
                        pending, pendingStart, pendingEnd - pendingStart, SocketFlags.None, out SocketError error);
                    if (error != SocketError.Success || sent <= 0)
                    {
                        // A connection that is gone is told by the reading side.
                        return error == SocketError.WouldBlock;
                    }
                    pendingStart += sent;
                }
                pendingStart = 0;
                pendingEnd = 0;
                return false;
            }
        }
    }
}
