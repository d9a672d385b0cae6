// Owns the messages a game may look at: roster, snapshot, actions, perceptions, notices, replies.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Anything that comes from the sidecar.</summary>
    public abstract class Message
    {
        /// <summary>Number on the link, or 0.</summary>
        public long Seq { get; internal set; }
    }

    /// <summary>What rows, columns and indices mean.</summary>
    public sealed class Roster : Message
    {
        public long Epoch { get; internal set; }

        public string Scene { get; internal set; }

        /// <summary>Row i of every column is Characters[i].</summary>
        public string[] Characters { get; internal set; }

        /// <summary>Column j of the emotions is Labels[j].</summary>
        public string[] Labels { get; internal set; }

        /// <summary>Actions[0] is empty: no action.</summary>
        public string[] Actions { get; internal set; }

        public string[] Objects { get; internal set; }

        /// <summary>Column k of the faces is Shapes[k]; empty when no faces are streamed.</summary>
        public string[] Shapes { get; internal set; }

        /// <summary>Ticks a second.</summary>
        public double Rate { get; internal set; }

        private Dictionary<string, int> rows;

        /// <summary>Row of a character, or -1.</summary>
        public int RowOf(string character)
        {
            if (rows == null)
            {
                rows = new Dictionary<string, int>(Characters.Length);
                for (int i = 0; i < Characters.Length; i++)
                {
                    rows[Characters[i]] = i;
                }
            }
            return character != null && rows.TryGetValue(character, out int row) ? row : -1;
        }

        /// <summary>Column of an emotion, or -1.</summary>
        public int LabelOf(string label)
        {
            return System.Array.IndexOf(Labels, label);
        }
    }

    /// <summary>Everything a late joiner needs. A second one means another world: forget everything.</summary>
    public sealed class Snapshot : Message
    {
        public long Session { get; internal set; }

        public Roster Roster { get; internal set; }

        internal TickMessage State { get; set; }

        /// <summary>Actions under way.</summary>
        public ActionStart[] Running { get; internal set; }

        /// <summary>By object.name or world.name; booleans are 0 and 1.</summary>
        public Dictionary<string, double> Variables { get; internal set; }
    }

    /// <summary>Part of a command.</summary>
    public abstract class ActionCommand
    {
        /// <summary>Number to report the result under.</summary>
        public long Action { get; internal set; }

        public string Character { get; internal set; }

        /// <summary>Name of the behavior rule.</summary>
        public string Rule { get; internal set; }
    }

    /// <summary>Begin to play an action, and report its result.</summary>
    public sealed class ActionStart : ActionCommand
    {
        /// <summary>Subjects it is aimed at, nearest first; the character itself for actions on oneself.</summary>
        public string[] Bearers { get; internal set; }

        /// <summary>Nominal seconds.</summary>
        public double Lasts { get; internal set; }

        /// <summary>One sentence, for people.</summary>
        public string Why { get; internal set; }

        /// <summary>Simulated seconds since it started, when it comes with a snapshot.</summary>
        public double Elapsed { get; internal set; }

        /// <summary>What the scene tells the engine: bool, long, double, string, byte[], List, Dictionary.</summary>
        public Dictionary<string, object> Payload { get; internal set; }
    }

    /// <summary>Stop playing an action now; also closes one whose result was reported.</summary>
    public sealed class ActionStop : ActionCommand
    {
        /// <summary>One of <see cref="StopReasons"/>.</summary>
        public string Reason { get; internal set; }
    }

    /// <summary>What was made of an utterance.</summary>
    public sealed class Perception : Message
    {
        public long Tick { get; internal set; }

        /// <summary>The number that Say returned.</summary>
        public long Utterance { get; internal set; }

        /// <summary>The speaker.</summary>
        public string Character { get; internal set; }

        public string[] Labels { get; internal set; }

        /// <summary>In the order of Labels; empty when it failed.</summary>
        public double[] Probabilities { get; internal set; }

        /// <summary>The most probable one.</summary>
        public string Label { get; internal set; }

        /// <summary>Wall seconds the model took.</summary>
        public double Latency { get; internal set; }

        /// <summary>Empty, or the code why there is no result.</summary>
        public string Failed { get; internal set; }

        /// <summary>What was understood: text, voice or face, or several joined by a plus sign.</summary>
        public string Modality { get; internal set; }

        /// <summary>Only to be shown: a voice that goes on, or a face. It moves nobody.</summary>
        public bool Partial { get; internal set; }

        /// <summary>How far it is to be trusted, 0 to 1.</summary>
        public double Confidence { get; internal set; }

        /// <summary>Simulated seconds since the oldest part of what was understood.</summary>
        public double Age { get; internal set; }
    }

    /// <summary>Variables that rules have set. What games set is not told.</summary>
    public sealed class VariableChanges : Message
    {
        public long Tick { get; internal set; }

        /// <summary>By object.name or world.name; booleans are 0 and 1.</summary>
        public Dictionary<string, double> Values { get; internal set; }
    }

    /// <summary>This game's characters are others now; stops or starts of their actions follow.</summary>
    public sealed class Ownership : Message
    {
        public long Tick { get; internal set; }

        /// <summary>All characters it owns from now on.</summary>
        public string[] Owns { get; internal set; }
    }

    /// <summary>Something the game's maker should know, such as an observation that was refused.</summary>
    public sealed class Notice : Message
    {
        /// <summary>One of <see cref="Codes"/>.</summary>
        public string Code { get; internal set; }

        public string Text { get; internal set; }

        /// <summary>Batch it is about, or 0.</summary>
        public long Batch { get; internal set; }

        public long Item { get; internal set; }
    }

    /// <summary>Not accepted.</summary>
    public sealed class Refused : Message
    {
        /// <summary>One of <see cref="Codes"/>.</summary>
        public string Code { get; internal set; }

        public string Text { get; internal set; }

        public string Remedy { get; internal set; }
    }

    /// <summary>The sidecar ends the session on purpose.</summary>
    public sealed class Bye : Message
    {
        /// <summary>One of <see cref="Codes"/>, or empty.</summary>
        public string Reason { get; internal set; }
    }

    /// <summary>The answer to a request.</summary>
    public sealed class Reply : Message
    {
        public long Id { get; internal set; }

        /// <summary>Tick at which it took effect.</summary>
        public long Tick { get; internal set; }

        public Dictionary<string, object> Result { get; internal set; }

        /// <summary>Empty, or one of <see cref="Codes"/>.</summary>
        public string ErrorCode { get; internal set; } = "";

        public string ErrorMessage { get; internal set; } = "";

        public string ErrorWhere { get; internal set; } = "";

        public string ErrorRemedy { get; internal set; } = "";

        public bool Ok
        {
            get { return ErrorCode.Length == 0; }
        }
    }

    internal sealed class Welcome : Message
    {
        public long Session;
        public string Package;
        public string[] Capabilities;
        public string Schema;
        public long Credit;
        public long Observed;
        public string[] Owns;
        public bool Resumed;
        public string Stream;
        public string Control;
    }

    /// <summary>A piece of a long message.</summary>
    internal sealed class Part : Message
    {
        public long Index;
        public long Count;
        public byte[] Data;
    }

    internal sealed class Ack : Message
    {
        public long Credit;
    }

    internal sealed class Command : Message
    {
        public long Tick;
        public ActionCommand[] Commands;
    }
}
