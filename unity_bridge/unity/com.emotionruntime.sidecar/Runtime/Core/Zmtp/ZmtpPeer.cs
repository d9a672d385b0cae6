// Owns the thread that keeps one connection up: connect, run, and again after a growing rest, until it is stopped.
using System;
using System.Net.Sockets;
using System.Threading;

namespace EmotionRuntime
{
    internal sealed class ZmtpPeer
    {
        private const int JoinMs = 1000;
        private readonly ZmtpSettings settings;
        private readonly IZmtpSink sink;
        private readonly object gate = new object();
        private Thread thread;
        private ZmtpConnection connection;
        private int number;
        private bool standing;
        private bool stopping;

        public ZmtpPeer(ZmtpSettings settings, IZmtpSink sink)
        {
            this.settings = settings;
            this.sink = sink;
        }

        public void Start()
        {
            thread = new Thread(Run) { IsBackground = true, Name = "emotion " + settings.SocketType.ToLowerInvariant() };
            thread.Start();
        }

        /// <summary>Send on the connection of this number; false when it does not take it now. Never waits.</summary>
        public bool Send(int to, byte[] message)
        {
            ZmtpConnection open;
            lock (gate)
            {
                if (!standing || to != number || stopping)
                {
                    return false;
                }
                open = connection;
            }
            try
            {
                return open.Send(message);
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }

        /// <summary>Drop the connection without a word and make another.</summary>
        public void Renew()
        {
            lock (gate)
            {
                if (connection != null)
                {
                    connection.Stopping = true;
                }
            }
        }

        /// <summary>Tell the thread to end; Join waits for it.</summary>
        public void Stop()
        {
            lock (gate)
            {
                stopping = true;
                if (connection != null)
                {
                    connection.Stopping = true;
                }
                Monitor.PulseAll(gate);
            }
        }

        /// <summary>Wait for the thread. False if it did not end in a second, which is a fault worth reporting.</summary>
        public bool Join()
        {
            return thread == null || thread.Join(JoinMs);
        }

        private void Run()
        {
            var decoder = new ZmtpDecoder(settings.MaxFrameBytes);
            int rest = settings.RetryMs;
            while (true)
            {
                bool stood;
                string reason = "";
                ZmtpFailure failure = ZmtpFailure.Lost;
                try
                {
                    stood = RunOne(decoder, out failure, out reason);
                }
                catch (Exception error) when (!(error is ThreadAbortException))
                {
                    // Nothing is expected here; a game must not die of it.
                    stood = false;
                    reason = error.Message;
                }
                lock (gate)
                {
                    if (stopping)
                    {
                        return;
                    }
                }
                sink.Closed(number, failure, reason);
                rest = stood ? settings.RetryMs : Math.Min(2 * rest, settings.RetryMaxMs);
                if (failure == ZmtpFailure.WrongToken || failure == ZmtpFailure.WrongSocket)
                {
                    // Trying again soon will not help, and looks like guessing passwords.
                    rest = settings.RetryMaxMs;
                }
                lock (gate)
                {
                    if (!stopping)
                    {
                        Monitor.Wait(gate, rest);
                    }
                    if (stopping)
                    {
                        return;
                    }
                }
            }
        }

        /// <summary>One connection from its beginning to its end. True if it stood.</summary>
        private bool RunOne(ZmtpDecoder decoder, out ZmtpFailure failure, out string reason)
        {
            failure = ZmtpFailure.Lost;
            reason = "the connection was dropped";
            using (var open = new ZmtpConnection(settings, decoder))
            {
                lock (gate)
                {
                    if (stopping)
                    {
                        return false;
                    }
                    connection = open;
                    number++;
                }
                try
                {
                    open.Open();
                    Stand(open);
                    open.Run(sink, number);
                }
                catch (ZmtpException error)
                {
                    failure = error.Failure == ZmtpFailure.Lost && !Stood() ? ZmtpFailure.NoAnswer : error.Failure;
                    reason = error.Message;
                }
                catch (SocketException error)
                {
                    failure = Stood() ? ZmtpFailure.Lost : ZmtpFailure.NotReachable;
                    reason = error.SocketErrorCode == SocketError.ConnectionRefused
                        ? "nobody listens at " + settings.Host + ":" + settings.Port
                        : error.Message;
                }
                bool ending;
                bool stood;
                lock (gate)
                {
                    stood = standing;
                    ending = stopping;
                    standing = false;
                    connection = null;
                }
                if (ending && stood)
                {
                    open.Farewell();
                }
                return stood;
            }
        }

        private void Stand(ZmtpConnection open)
        {
            lock (gate)
            {
                if (open.Stopping)
                {
                    return;
                }
                standing = true;
            }
            sink.Opened(number);
        }

        private bool Stood()
        {
            lock (gate)
            {
                return standing;
            }
        }
    }
}
