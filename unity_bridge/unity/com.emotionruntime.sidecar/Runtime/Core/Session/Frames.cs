// Owns the stream as a client sees it: the latest frame, checked, and an honest count of those not seen.
namespace EmotionRuntime
{
    /// <summary>Frames from before the snapshot, of another session or not newer than what is known are passed over.</summary>
    internal sealed class Frames
    {
        private readonly TickMessage message = new TickMessage();
        private TickFrame spare = new TickFrame();
        private TickFrame front = new TickFrame();
        private Roster roster;
        private long session;
        private long tick;

        /// <summary>The newest state; null before the snapshot.</summary>
        public TickFrame Latest { get; private set; }

        public long Received { get; private set; }

        /// <summary>Ticks between those taken: what the game was too slow for.</summary>
        public long Skipped { get; private set; }

        public long PassedOver { get; private set; }

        public long Malformed { get; private set; }

        /// <summary>A frame of another session came: the sidecar was started anew.</summary>
        public bool Foreign { get; private set; }

        /// <summary>Clock reading at the last good frame, new or not.</summary>
        public double Heard { get; set; } = -1;

        /// <summary>Start from a snapshot: only later ticks count. Throws if its state does not fit its roster.</summary>
        public void Begin(Snapshot snapshot)
        {
            Foreign = false;
            roster = null;
            Latest = null;
            Show(snapshot.State, snapshot.Roster);
            roster = snapshot.Roster;
            session = snapshot.Session;
            tick = snapshot.State.Tick;
        }

        /// <summary>Another roster of the same world: ticks of its epoch follow.</summary>
        public void Change(Roster next)
        {
            roster = next;
        }

        /// <summary>Take one stream frame; true if it is news.</summary>
        public bool Take(Codec codec, byte[] frame, int length, double now)
        {
            try
            {
                codec.DecodeStream(frame, length, message);
                return TakeTick(message, now);
            }
            catch (ProtocolException)
            {
                Malformed++;
                return false;
            }
        }

        /// <summary>Take one tick, of the stream or of the link; true if it is news. Throws ProtocolException.</summary>
        public bool TakeTick(TickMessage news, double now)
        {
            if (roster == null || news.Session != session)
            {
                Foreign = Foreign || roster != null;
                PassedOver++;
                return false;
            }
            Heard = now;
            if (news.Tick < tick || (news.Tick == tick && Latest != null && news.Paused == Latest.Paused))
            {
                PassedOver++;
                return false;
            }
            Show(news, roster);
            if (news.Tick > tick)
            {
                Received++;
                Skipped += news.Tick - tick - 1;
            }
            tick = news.Tick;
            return true;
        }

        /// <summary>A faulty frame leaves the state as it was: it is read into the spare one, which then takes its
        /// place.</summary>
        private void Show(TickMessage news, Roster rows)
        {
            spare.Take(news, rows);
            TickFrame read = spare;
            spare = front;
            front = read;
            Latest = read;
        }
    }
}
