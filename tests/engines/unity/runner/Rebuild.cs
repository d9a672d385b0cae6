// Owns the making of outgoing messages from trees, so that what the client writes can be compared byte by byte.
using System;
using System.Collections.Generic;
using System.Linq;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Rebuild
    {
        /// <summary>What the client writes for this message; null for one it never sends.</summary>
        public static byte[] Bytes(Tree tree)
        {
            switch ((string)tree["type"])
            {
                case "hello":
                    return Hello(tree).Encode();
                case "bye":
                    return Outgoing.Bye(Text(tree, "reason"));
                case "ack":
                    return Get(tree, "credit") == null ? Outgoing.Ack(Whole(tree, "seq")) : null;
                case "request":
                    return Outgoing.Request(
                        Text(tree, "client"), Whole(tree, "id"), Text(tree, "op"), (Tree)Get(tree, "args"));
                case "observations":
                    List<Observation> items = Items(tree);
                    return Outgoing.Observations(Whole(tree, "seq"), items, items.Count, Whole(tree, "received"));
                default:
                    return null;
            }
        }

        public static List<Observation> Items(Tree tree)
        {
            return ((List<object>)tree["items"]).Select(item => Item((Tree)item)).ToList();
        }

        private static Hello Hello(Tree tree)
        {
            return new Hello
            {
                Client = Text(tree, "client"),
                Package = Text(tree, "package"),
                Capabilities = Texts(tree, "capabilities") ?? new string[0],
                Schema = Text(tree, "schema"),
                Owns = Texts(tree, "owns"),
                Session = Whole(tree, "session"),
                Received = Whole(tree, "received"),
                LockStep = Get(tree, "lockstep") != null,
            };
        }

        private static Observation Item(Tree tree)
        {
            var heard = (Tree)Get(tree, "heard");
            switch ((string)tree["kind"])
            {
                case "utterance":
                    return new Utterance
                    {
                        Speaker = Text(tree, "speaker"),
                        Text = Text(tree, "text"),
                        Id = Whole(tree, "id"),
                        To = (string)Get(tree, "to"),
                        Conversation = Text(tree, "conversation"),
                        Heard = heard == null ? null : heard.ToDictionary(p => p.Key, p => Convert.ToDouble(p.Value)),
                        Timings = (Tree)Get(tree, "timings"),
                        Lasts = Get(tree, "lasts") == null ? 0 : Convert.ToDouble(tree["lasts"]),
                        Voice = (byte[])Get(tree, "voice") ?? new byte[0],
                        VoiceRate = Get(tree, "voice_rate") == null ? 16000 : Whole(tree, "voice_rate"),
                    };
                case "capture":
                    var weights = (Tree)Get(tree, "weights");
                    return new Capture
                    {
                        Character = Text(tree, "character"),
                        Weights = weights == null ? null : weights.ToDictionary(p => p.Key, p => Convert.ToDouble(p.Value)),
                        Like = (string)Get(tree, "like"),
                    };
                case "event":
                    return new Event
                    {
                        Name = Text(tree, "name"),
                        Cause = (string)Get(tree, "cause"),
                        Target = (string)Get(tree, "target"),
                        At = Numbers(tree, "at"),
                        Strength = Get(tree, "strength") == null ? 1 : Convert.ToDouble(tree["strength"]),
                    };
                case "move":
                    return new Move { Id = Text(tree, "id"), At = Numbers(tree, "at") };
                case "positions":
                    return new Positions
                    {
                        Epoch = Whole(tree, "epoch"),
                        Index = (byte[])tree["index"],
                        Xyz = (byte[])tree["xyz"],
                    };
                case "variable":
                    return new Variable { Name = Text(tree, "name"), Value = tree["value"] };
                case "voice":
                    return new VoicePiece
                    {
                        Speaker = Text(tree, "speaker"),
                        Id = Whole(tree, "id"),
                        Pcm = (byte[])Get(tree, "pcm"),
                        Rate = Get(tree, "rate") == null ? 16000 : Whole(tree, "rate"),
                        File = Text(tree, "file"),
                        Last = Get(tree, "last") != null && (bool)tree["last"],
                        Transcript = Get(tree, "transcript") != null && (bool)tree["transcript"],
                        To = (string)Get(tree, "to"),
                        Conversation = Text(tree, "conversation"),
                    };
                case "face":
                    var shown = (Tree)Get(tree, "weights");
                    return new FaceFrame
                    {
                        Character = Text(tree, "character"),
                        Weights = shown == null ? null : shown.ToDictionary(p => p.Key, p => Convert.ToDouble(p.Value)),
                        Neutral = Get(tree, "neutral") != null && (bool)tree["neutral"],
                        Speaking = Get(tree, "speaking") != null && (bool)tree["speaking"],
                    };
                case "sight":
                    return new Sight
                    {
                        Character = Text(tree, "character"),
                        Thing = Text(tree, "object"),
                        Sees = (bool)tree["sees"],
                    };
                default:
                    return new ActionResult
                    {
                        Action = Whole(tree, "action"),
                        Ok = (bool)tree["ok"],
                        Detail = Text(tree, "detail"),
                    };
            }
        }

        private static object Get(Tree tree, string key)
        {
            object value;
            return tree.TryGetValue(key, out value) ? value : null;
        }

        private static string Text(Tree tree, string key)
        {
            return (string)Get(tree, key) ?? "";
        }

        private static long Whole(Tree tree, string key)
        {
            return Convert.ToInt64(Get(tree, key) ?? 0L);
        }

        private static string[] Texts(Tree tree, string key)
        {
            var list = (List<object>)Get(tree, key);
            return list == null ? null : list.Cast<string>().ToArray();
        }

        private static double[] Numbers(Tree tree, string key)
        {
            var list = (List<object>)Get(tree, key);
            return list == null ? null : list.Select(Convert.ToDouble).ToArray();
        }
    }
}
