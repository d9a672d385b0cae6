// Owns a game engine's end of the bridge: two sockets' threads, the session between them and the game, and its events.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace EmotionRuntime
{
    /// <summary>Make one, Start it, Poll it in every rendered frame, Stop it. All calls belong to one thread; none waits,
    /// except Stop, for a moment. Events are raised inside Poll.</summary>
    public sealed partial class SidecarClient : IDisposable
    {
        /// <summary>Seconds without a tick after which a client is stale.</summary>
        public const double StaleSeconds = 0.25;

        private const double AskAgainSeconds = 1.0;
        private const double SilentSeconds = Protocol.HeartbeatTimeoutMs / 1000.0;
        private readonly SidecarOptions options;
        private readonly string[] endpoints;
        private readonly Func<double> clock;
        private readonly Codec codec = new Codec();
        private readonly List<Message> updates = new List<Message>();
        private ClientSession session;
        private Frames frames;
        private LatestFrame stream;
        private LinkInbox inbox;
        private ZmtpPeer streamPeer;
        private ZmtpPeer linkPeer;
        private Requests requests;
        private int connection;
        private double heard;
        private double refusedAt = double.NaN;
        private ZmtpFailure failure;
        private string failureReason = "";
        private long utterances;
        private ExceptionDispatchInfo fault;

        /// <param name="clock">Seconds that only rise; null: the machine's own.</param>
        public SidecarClient(SidecarOptions options, Func<double> clock = null)
        {
            this.options = options;
            this.clock = clock ?? Seconds;
            endpoints = options.EffectiveEndpoints();
            Reset();
        }

        /// <summary>A character's action begins; report its result under its number.</summary>
        public event Action<ActionStart> ActionStarted;

        /// <summary>A character's action is to stop now, or has ended.</summary>
        public event Action<ActionStop> ActionStopped;

        /// <summary>What was made of an utterance of this engine.</summary>
        public event Action<Perception> Perceived;

        /// <summary>Rules have set variables; Snapshot.Variables has them already.</summary>
        public event Action<VariableChanges> VariablesChanged;

        /// <summary>Characters were handed over to this game or away from it; Owns has them already.</summary>
        public event Action<Ownership> OwnershipChanged;

        /// <summary>Something was refused or dropped.</summary>
        public event Action<Notice> Noticed;

        /// <summary>The world as it is. A second one: another world, forget everything.</summary>
        public event Action<Snapshot> SnapshotTaken;

        /// <summary>A new tick is in Latest.</summary>
        public event Action<TickFrame> FrameTaken;

        /// <summary>A handler of an event threw; the client goes on. With nobody here, Poll throws it at its end.</summary>
        public event Action<Exception> HandlerFailed;

        public bool Running { get; private set; }

        /// <summary>The newest state; null before the first snapshot.</summary>
        public TickFrame Latest
        {
            get { return frames.Latest; }
        }

        /// <summary>The snapshot this client started from, or null.</summary>
        public Snapshot Snapshot
        {
            get { return session.Snapshot; }
        }

        /// <summary>Null before the first snapshot.</summary>
        public Roster Roster
        {
            get { return session.Snapshot == null ? null : session.Snapshot.Roster; }
        }

        /// <summary>Characters whose commands come here.</summary>
        public string[] Owns
        {
            get { return session.Owns; }
        }

        /// <summary>Seconds since the last frame, by this client's clock; infinite before the first.</summary>
        public double FrameAge
        {
            get { return frames.Heard < 0 ? double.PositiveInfinity : clock() - frames.Heard; }
        }

        /// <summary>How things stand now.</summary>
        public ClientStatus Status
        {
            get { return FindStatus(); }
        }

        /// <summary>Counters by name, for people.</summary>
        public Dictionary<string, long> Counters()
        {
            return new Dictionary<string, long>(session.Counts)
            {
                ["frames_arrived"] = stream.Arrivals,
                ["frames_taken"] = frames.Received,
                ["ticks_skipped"] = frames.Skipped,
                ["frames_passed_over"] = frames.PassedOver,
                ["frames_malformed"] = frames.Malformed,
                ["observations_coalesced"] = session.Queue.Coalesced,
                ["observations_overflowed"] = session.Queue.Overflowed,
                ["messages_repeated"] = session.Inbox.Repeated,
                ["batches_resent"] = session.Outbox.Resent,
            };
        }

        /// <summary>Begin to connect; returns at once.</summary>
        public void Start()
        {
            if (Running)
            {
                return;
            }
            Reset();
            Running = true;
            heard = clock();
            // The stream comes first: what is newer than the snapshot is then seen.
            if (!options.LockStep)
            {
                streamPeer = new ZmtpPeer(options.Proving(ZmtpSettings.Sub(endpoints[0], Protocol.TopicTick)), stream);
                streamPeer.Start();
            }
            linkPeer = new ZmtpPeer(options.Proving(ZmtpSettings.Dealer(endpoints[1])), inbox);
            linkPeer.Start();
        }

        /// <summary>Say goodbye, close everything and join the threads. Safe to call twice. False: a thread hangs.</summary>
        public bool Stop()
        {
            if (!Running)
            {
                return true;
            }
            Running = false;
            if (session.State == SessionState.Live)
            {
                linkPeer.Send(connection, session.Goodbye());
            }
            linkPeer.Stop();
            requests.Stop();
            CloseFaces();
            faceSession = 0;
            if (streamPeer != null)
            {
                streamPeer.Stop();
            }
            bool ended = linkPeer.Join() & requests.Join() & (streamPeer == null || streamPeer.Join());
            linkPeer = null;
            streamPeer = null;
            return ended;
        }

        public void Dispose()
        {
            Stop();
        }

        /// <summary>Send what waits, take what came, and raise its events. Call it in every rendered frame.</summary>
        public void Poll()
        {
            if (!Running)
            {
                return;
            }
            double now = clock();
            while (Running && inbox.Take(out LinkEvent item))
            {
                Take(item, now);
            }
            if (Running && stream.Take(out byte[] frame, out int length) && frames.Take(codec, frame, length, now))
            {
                Raise(FrameTaken, frames.Latest);
            }
            if (Running)
            {
                requests.Poll(now);
                AskAgain(now);
                PollFaces();
            }
            Flush();
            if (fault != null)
            {
                ExceptionDispatchInfo first = fault;
                fault = null;
                first.Throw();
            }
        }

        /// <summary>Send what waits as one batch, if the sidecar's credit allows; returns its observations.</summary>
        public int Flush()
        {
            if (!Running)
            {
                return 0;
            }
            int count = session.Flush();
            SendAll(clock());
            return count;
        }

        /// <summary>Drop the connection without a word and come back over a new one; nothing is lost by it. After a
        /// refusal: say hello again.</summary>
        public void Reconnect()
        {
            if (!Running)
            {
                return;
            }
            if (session.State == SessionState.Refused)
            {
                session.TryAgain();
            }
            linkPeer.Renew();
            session.Lost("reconnecting");
        }

        /// <summary>Our name is taken: by a play that has just ended, or a game that crashed. It will be free soon.</summary>
        private void AskAgain(double now)
        {
            bool taken = session.State == SessionState.Refused && session.Refusal.Code == Codes.AlreadyConnected;
            if (!taken)
            {
                refusedAt = double.NaN;
            }
            else if (double.IsNaN(refusedAt))
            {
                refusedAt = now;
            }
            else if (now - refusedAt >= AskAgainSeconds)
            {
                session.TryAgain();
            }
        }

        private static double Seconds()
        {
            return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        }

        private void Reset()
        {
            session = new ClientSession(options.Name, options.Owns, options.LockStep, options.Package);
            frames = new Frames();
            stream = new LatestFrame();
            inbox = new LinkInbox();
            updates.Clear();
            failure = ZmtpFailure.None;
            failureReason = "";
            connection = 0;
            var answers = new LinkInbox();
            requests = new Requests(options.Name, answers, () => new ZmtpPeer(
                options.Proving(ZmtpSettings.Dealer(endpoints[2])), answers));
        }

        private void SendAll(double now)
        {
            byte[] frame = connection == 0 ? null : session.NextFrame(now);
            while (frame != null && linkPeer.Send(connection, frame))
            {
                session.FrameSent(now);
                frame = session.NextFrame(now);
            }
        }
    }
}
