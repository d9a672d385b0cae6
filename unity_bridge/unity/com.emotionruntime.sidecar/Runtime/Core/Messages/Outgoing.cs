// Owns the writing of what a client sends: hello, observations, ack, bye and request as bytes.
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal sealed class Hello
    {
        public string Client;
        public string Package = "";
        public string[] Capabilities = new string[0];
        public string Schema = "";

        /// <summary>Null: all that nobody owns; empty: a viewer.</summary>
        public string[] Owns;

        public long Session;
        public long Received;
        public bool LockStep;

        public byte[] Encode()
        {
            var map = new MapWriter("type", "hello");
            map.Text("client", Client);
            map.TextUnlessEmpty("package", Package);
            map.ListUnlessEmpty("capabilities", Capabilities);
            map.TextUnlessEmpty("schema", Schema);
            if (Owns != null)
            {
                map.Value("owns", Owns);
            }
            map.IntegerUnlessZero("session", Session);
            map.IntegerUnlessZero("received", Received);
            map.TrueOrNothing("lockstep", LockStep);
            return map.Message();
        }
    }

    internal static class Outgoing
    {
        public static byte[] Observations(long seq, IList<Observation> items, int count, long received)
        {
            var map = new MapWriter("type", "observations");
            map.Integer("seq", seq);
            MsgPackWriter writer = map.Key("items");
            writer.Array(count);
            for (int i = 0; i < count; i++)
            {
                MapWriter item = items[i].Write();
                item.CopyTo(writer);
            }
            map.IntegerUnlessZero("received", received);
            return map.Message();
        }

        public static byte[] Ack(long seq)
        {
            var map = new MapWriter("type", "ack");
            map.Integer("seq", seq);
            return map.Message();
        }

        public static byte[] Bye(string reason)
        {
            var map = new MapWriter("type", "bye");
            map.TextUnlessEmpty("reason", reason);
            return map.Message();
        }

        public static byte[] Request(string client, long id, string op, IDictionary<string, object> args)
        {
            var map = new MapWriter("type", "request");
            map.Text("client", client);
            map.Integer("id", id);
            map.Text("op", op);
            if (args != null && args.Count > 0)
            {
                map.Value("args", args);
            }
            return map.Message();
        }
    }
}
