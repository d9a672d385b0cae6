// Owns the run of session.json: the client's sequences through ClientSession, frame by frame, without sockets.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Sessions
    {
        public static void RunAll(string folder)
        {
            Tree document = Json.Object(File.ReadAllText(Path.Combine(folder, "session.json")));
            int count = 0;
            foreach (Tree sequence in (List<object>)document["sequences"])
            {
                if ((string)sequence["role"] == "client")
                {
                    count++;
                    Harness.Run("session " + sequence["id"] + ", " + sequence["comment"], () => Play(sequence));
                }
            }
            Harness.Run("session: there are some", () => Harness.That(count >= 4, count + " sequences"));
        }

        private static void Play(Tree sequence)
        {
            var session = new ClientSession("unity");
            var updates = new List<Message>();
            double now = 0;
            int place = 0;
            foreach (Tree step in (List<object>)sequence["steps"])
            {
                KeyValuePair<string, object> only = step.First();
                string where = "step " + place++;
                switch (only.Key)
                {
                    case "receive":
                        var writer = new MsgPackWriter();
                        writer.Value(only.Value);
                        session.Receive(writer.ToArray(), updates);
                        break;
                    case "send":
                        session.Flush();
                        byte[] frame = session.NextFrame(now);
                        Harness.That(frame != null, where + ": nothing is sent");
                        session.FrameSent(now);
                        Trees.Hold(new MsgPackReader(frame, 0).Value(), only.Value, where);
                        break;
                    case "deliver":
                        Harness.That(updates.Count > 0, where + ": nothing is delivered");
                        Trees.Hold(Describe.Message(updates[0]), only.Value, where);
                        updates.RemoveAt(0);
                        break;
                    case "silent":
                        Harness.That(session.NextFrame(now) == null, where + ": something is sent");
                        Harness.That(updates.Count == 0, where + ": something is delivered");
                        break;
                    case "queue":
                        Rebuild.Items((Tree)only.Value).ForEach(item => session.Queue.Put(item));
                        session.Flush();
                        break;
                    case "advance":
                        now += Convert.ToDouble(only.Value);
                        break;
                    case "disconnect":
                        session.Lost("cut");
                        break;
                    case "connect":
                        session.Connected();
                        break;
                    default:
                        throw new CheckFailed(where + ": what is " + only.Key);
                }
            }
        }
    }
}
