// Owns what a game wishes to see of faces, and what it knows of a voice.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>The faces of some characters, of those near a character or object, or (neither) of everybody.</summary>
    public sealed class FaceWish
    {
        /// <summary>"arkit52" or "vrm".</summary>
        public string Form = "arkit52";

        /// <summary>A byte for each weight instead of four.</summary>
        public bool Bytes = true;

        public string[] Characters = new string[0];

        /// <summary>A character or object of the scene; it may move.</summary>
        public string Near = "";

        /// <summary>Metres around it.</summary>
        public double Radius;

        internal Dictionary<string, object> Arguments()
        {
            var args = new Dictionary<string, object> { ["form"] = Form, ["u8"] = Bytes };
            if (Characters.Length > 0)
            {
                args["characters"] = new List<object>(Characters);
            }
            if (Near.Length > 0)
            {
                args["near"] = Near;
                args["radius"] = Radius;
            }
            return args;
        }
    }

    /// <summary>What moves the lips of a line better than its text: the speech service's timings, or how long it lasts.</summary>
    public sealed class Voice
    {
        /// <summary>azure, polly, elevenlabs, cartesia, rhubarb or plain.</summary>
        public string TimingsForm = "plain";

        /// <summary>The service's JSON, or null.</summary>
        public string Timings;

        /// <summary>Seconds; 0: not known.</summary>
        public double Lasts;
    }
}
