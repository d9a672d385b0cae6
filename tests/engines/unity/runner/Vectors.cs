// Owns the run of messages.json, malformed.json and columns.json through the client's own reader and writer.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Vectors
    {
        private static readonly Codec Codec = new Codec();

        public static void RunAll(string folder)
        {
            RunFile(folder, "messages", Message);
            RunFile(folder, "malformed", Refusal);
            RunFile(folder, "columns", Column);
        }

        private static void RunFile(string folder, string name, Action<Tree, Tree> run)
        {
            Tree document = Json.Object(File.ReadAllText(Path.Combine(folder, name + ".json")));
            int count = 0;
            foreach (Tree group in (List<object>)document["groups"])
            {
                foreach (Tree test in (List<object>)group["tests"])
                {
                    count++;
                    Harness.Run(name + " " + test["id"] + ", " + test["comment"], () => run(group, test));
                }
            }
            Harness.Run(name + ": none was left out", () => Harness.Equal(document["count"], (long)count, "tests"));
        }

        private static byte[] Frame(Tree test)
        {
            IEnumerable<byte> frame = Json.Hex((string)test["hex"]);
            object repeat;
            if (test.TryGetValue("repeat", out repeat))
            {
                byte[] part = Json.Hex((string)((Tree)repeat)["hex"]);
                int times = Convert.ToInt32(((Tree)repeat)["times"]);
                frame = frame.Concat(Enumerable.Repeat(part, times).SelectMany(bytes => bytes));
                frame = frame.Concat(Json.Hex((string)test["tail"]));
            }
            return frame.ToArray();
        }

        private static Shape Check(byte[] frame)
        {
            return Codec.Check(frame, 0, frame.Length, Protocol.MaxLinkBytes, Shapes.Messages);
        }

        private static void Message(Tree group, Tree test)
        {
            byte[] frame = Frame(test);
            if ((string)test["result"] == "ignored")
            {
                Faulty(test, () => Check(frame));
                return;
            }
            Shape shape = Check(frame);
            var flags = (List<object>)test["flags"];
            object tree = new MsgPackReader(frame, 0).Value();
            Trees.Hold(tree, test["decoded"], "$", whole: !flags.Contains("UnknownField"));
            // Faces come on topics of their own: FaceBlock reads them, against a roster (columns.json).
            bool apart = shape == Shapes.Faces;
            bool outgoing = apart || shape == Shapes.Hello || shape == Shapes.Observations || shape == Shapes.Request;
            if (!outgoing)
            {
                Trees.Hold(Describe.Message(Codec.Decode(frame)), test["decoded"], "$", whole: true);
            }
            if (flags.Contains("Canonical"))
            {
                byte[] written = Rebuild.Bytes((Tree)test["decoded"]);
                Harness.That(written == null || written.SequenceEqual(frame), "written " + Trees.Show(written));
            }
        }

        private static void Refusal(Tree group, Tree test)
        {
            byte[] frame = Frame(test);
            Faulty(test, () => Check(frame));
            var session = new ClientSession("t");
            session.Receive(frame, new List<Message>());
            // A sidecar of another protocol is no passing fault: no message of it will ever be read.
            bool other = session.Counts.ContainsKey(Codes.WrongVersion);
            Harness.Equal(other ? SessionState.Refused : SessionState.Connecting, session.State, "state");
            Harness.Equal(1, session.Counts.Count, "counters");
        }

        private static void Faulty(Tree test, Action read)
        {
            try
            {
                read();
            }
            catch (ProtocolException error)
            {
                Harness.Equal(test["error"], error.Code, "code of: " + error.Message);
                object where;
                if (test.TryGetValue("where", out where))
                {
                    Harness.Equal(where, error.Where, "where");
                }
                return;
            }
            throw new CheckFailed("it was taken");
        }

        private static void Column(Tree group, Tree test)
        {
            byte[] frame = Frame(test);
            if ((string)test["result"] == "valid")
            {
                Trees.Hold(Columns.Read(Codec, group, test, frame), test["decoded"], "$");
            }
            else
            {
                Faulty(test, () => Columns.Read(Codec, group, test, frame));
            }
        }
    }
}
