// Owns what an engine tells the sidecar: one class for each kind of observation.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Something that happened in the engine.</summary>
    internal abstract class Observation
    {
        /// <summary>Of two states of the same thing only the newest counts; null for events, which all count.</summary>
        public virtual string StateKey
        {
            get { return null; }
        }

        public abstract MapWriter Write();
    }

    internal sealed class Utterance : Observation
    {
        public string Speaker;
        public string Text;
        public long Id;
        public string To;
        public string Conversation = "";
        public IDictionary<string, double> Heard;

        /// <summary>`form` and `data`, or null.</summary>
        public IDictionary<string, object> Timings;

        public double Lasts;
        public byte[] Voice = new byte[0];
        public long VoiceRate = 16000;

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "utterance");
            map.Text("speaker", Speaker);
            map.Text("text", Text);
            map.IntegerUnlessZero("id", Id);
            map.TextUnlessEmpty("to", To);
            map.TextUnlessEmpty("conversation", Conversation);
            if (Heard != null)
            {
                MsgPackWriter writer = map.Key("heard");
                writer.Map(Heard.Count);
                foreach (KeyValuePair<string, double> pair in Heard)
                {
                    writer.Text(pair.Key);
                    writer.Number(pair.Value);
                }
            }
            if (Timings != null)
            {
                map.Value("timings", Timings);
            }
            if (Lasts != 0)
            {
                map.Number("lasts", Lasts);
            }
            if (Voice.Length > 0)
            {
                map.Value("voice", Voice);
            }
            if (VoiceRate != 16000)
            {
                map.Integer("voice_rate", VoiceRate);
            }
            return map;
        }
    }

    internal sealed class Capture : Observation
    {
        public string Character;

        /// <summary>By ARKit name, or null.</summary>
        public IDictionary<string, double> Weights;

        public string Like;

        public override string StateKey
        {
            get { return "capture " + Character; }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "capture");
            map.Text("character", Character);
            if (Weights != null && Weights.Count > 0)
            {
                MsgPackWriter writer = map.Key("weights");
                writer.Map(Weights.Count);
                foreach (KeyValuePair<string, double> pair in Weights)
                {
                    writer.Text(pair.Key);
                    writer.Number(pair.Value);
                }
            }
            map.TextUnlessEmpty("like", Like);
            return map;
        }
    }

    internal sealed class Event : Observation
    {
        public string Name;
        public string Cause;
        public string Target;

        /// <summary>Three metres, or null: everybody notices.</summary>
        public double[] At;

        public double Strength = 1;

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "event");
            map.Text("name", Name);
            map.TextUnlessEmpty("cause", Cause);
            map.TextUnlessEmpty("target", Target);
            if (At != null)
            {
                map.Value("at", At);
            }
            if (Strength != 1)
            {
                map.Number("strength", Strength);
            }
            return map;
        }
    }

    internal sealed class Move : Observation
    {
        public string Id;
        public double[] At;

        public override string StateKey
        {
            get { return "move " + Id; }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "move");
            map.Text("id", Id);
            map.Value("at", At);
            return map;
        }
    }

    internal sealed class Positions : Observation
    {
        public long Epoch;
        public byte[] Index;
        public byte[] Xyz;

        // Only positions of the same characters replace each other.
        public override string StateKey
        {
            get { return "positions " + Convert.ToBase64String(Index); }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "positions");
            map.Integer("epoch", Epoch);
            map.Value("index", Index);
            map.Value("xyz", Xyz);
            return map;
        }
    }

    internal sealed class Variable : Observation
    {
        public string Name;

        /// <summary>A double or a bool.</summary>
        public object Value;

        public override string StateKey
        {
            get { return "variable " + Name; }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "variable");
            map.Text("name", Name);
            map.Value("value", Value);
            return map;
        }
    }

    internal sealed class Sight : Observation
    {
        public string Character;
        public string Thing;
        public bool Sees;

        public override string StateKey
        {
            get { return "sight " + Character + " " + Thing; }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "sight");
            map.Text("character", Character);
            map.Text("object", Thing);
            map.Value("sees", Sees);
            return map;
        }
    }

    internal sealed class VoicePiece : Observation
    {
        public string Speaker;
        public long Id;
        public byte[] Pcm;
        public long Rate = 16000;
        public string File = "";
        public bool Last;
        public bool Transcript;
        public string To;
        public string Conversation = "";

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "voice");
            map.Text("speaker", Speaker);
            map.IntegerUnlessZero("id", Id);
            if (Pcm != null && Pcm.Length > 0)
            {
                map.Key("pcm").Blob(Pcm);
            }
            if (Rate != 16000)
            {
                map.Integer("rate", Rate);
            }
            map.TextUnlessEmpty("file", File);
            map.TrueOrNothing("last", Last);
            map.TrueOrNothing("transcript", Transcript);
            if (To != null)
            {
                map.Text("to", To);
            }
            map.TextUnlessEmpty("conversation", Conversation);
            return map;
        }
    }

    internal sealed class FaceFrame : Observation
    {
        public string Character;

        /// <summary>By ARKit name.</summary>
        public IDictionary<string, double> Weights;

        public bool Neutral;
        public bool Speaking;

        public override string StateKey
        {
            get { return (Neutral ? "resting face " : "face ") + Character; }
        }

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "face");
            map.Text("character", Character);
            if (Weights != null && Weights.Count > 0)
            {
                MsgPackWriter writer = map.Key("weights");
                writer.Map(Weights.Count);
                foreach (KeyValuePair<string, double> pair in Weights)
                {
                    writer.Text(pair.Key);
                    writer.Number(pair.Value);
                }
            }
            map.TrueOrNothing("neutral", Neutral);
            map.TrueOrNothing("speaking", Speaking);
            return map;
        }
    }

    internal sealed class ActionResult : Observation
    {
        public long Action;
        public bool Ok;
        public string Detail = "";

        public override MapWriter Write()
        {
            var map = new MapWriter("kind", "result");
            map.Integer("action", Action);
            map.Boolean("ok", Ok);
            map.TextUnlessEmpty("detail", Detail);
            return map;
        }
    }
}
