// Owns what an engine has to tell but could not send yet: events are kept, state is kept only where it is newest.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>In order, bounded. A state replaces an older one of the same thing unless an event lies between them,
    /// so that an event is still judged by where everybody stood when it happened.</summary>
    internal sealed class ObservationQueue
    {
        /// <summary>Utterances, events and results that may wait for credit.</summary>
        public const int MaxWaitingEvents = 1024;

        private readonly Dictionary<string, int> place = new Dictionary<string, int>();
        private readonly int mostEvents;
        private readonly int most;
        private List<Observation> items = new List<Observation>();
        private int events;

        public ObservationQueue(int mostEvents = MaxWaitingEvents, int most = Protocol.MaxObservations)
        {
            this.mostEvents = mostEvents;
            this.most = most;
        }

        public int Count { get; private set; }

        /// <summary>States that never left because a newer one took their place.</summary>
        public long Coalesced { get; private set; }

        /// <summary>Events refused because too many were waiting.</summary>
        public long Overflowed { get; private set; }

        /// <summary>Take an observation in. False, and it is not taken, when too many events wait.</summary>
        public bool Put(Observation item)
        {
            string key = item.StateKey;
            if (key == null)
            {
                if (events >= mostEvents)
                {
                    Overflowed++;
                    return false;
                }
                events++;
                place.Clear();
            }
            else
            {
                Replace(key);
            }
            items.Add(item);
            Count++;
            return true;
        }

        /// <summary>Take out the oldest, at most as many as fit in a batch.</summary>
        public List<Observation> Take(int atMost = Protocol.MaxObservations)
        {
            var taken = new List<Observation>();
            var left = new List<Observation>();
            foreach (Observation item in items)
            {
                if (item != null)
                {
                    (taken.Count < atMost ? taken : left).Add(item);
                }
            }
            Rebuild(left);
            return taken;
        }

        /// <summary>Put what Take gave back in front: it did not fit.</summary>
        public void PutBack(List<Observation> taken)
        {
            var all = new List<Observation>(taken);
            all.AddRange(Present());
            Rebuild(all);
        }

        /// <summary>Forget everything; returns how many observations that were.</summary>
        public int Clear()
        {
            int forgotten = Count;
            Rebuild(new List<Observation>());
            return forgotten;
        }

        private void Replace(string key)
        {
            if (place.TryGetValue(key, out int at))
            {
                Drop(at);
            }
            else if (Count >= most)
            {
                Squeeze(key);
            }
            if (items.Count >= 2 * most)
            {
                Rebuild(Present());
            }
            place[key] = items.Count;
        }

        /// <summary>Keep one state of each thing, the last, wherever events lie; then drop the oldest if need be.</summary>
        private void Squeeze(string coming)
        {
            var seen = new HashSet<string> { coming };
            int oldest = -1;
            for (int at = items.Count - 1; at >= 0; at--)
            {
                string key = items[at] == null ? null : items[at].StateKey;
                if (key == null)
                {
                    continue;
                }
                if (seen.Add(key))
                {
                    oldest = at;
                }
                else
                {
                    Drop(at);
                }
            }
            if (Count >= most && oldest >= 0)
            {
                Drop(oldest);
            }
            Rebuild(Present());
        }

        private void Drop(int at)
        {
            items[at] = null;
            Count--;
            Coalesced++;
        }

        private List<Observation> Present()
        {
            return items.FindAll(item => item != null);
        }

        private void Rebuild(List<Observation> present)
        {
            items = present;
            Count = present.Count;
            events = 0;
            place.Clear();
            for (int at = 0; at < present.Count; at++)
            {
                string key = present[at].StateKey;
                if (key == null)
                {
                    events++;
                    place.Clear();
                }
                else
                {
                    place[key] = at;
                }
            }
        }
    }
}
