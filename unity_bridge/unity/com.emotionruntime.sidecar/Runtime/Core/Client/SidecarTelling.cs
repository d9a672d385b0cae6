// Owns the words in which a game tells what happened, one method for each, and its questions.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    public sealed partial class SidecarClient
    {
        /// <summary>A character says something; returns the number its perception carries, or 0 when too much waits.</summary>
        /// <param name="to">Whom it is said to; null: nobody in particular.</param>
        /// <param name="conversation">Lines of different conversations are never each other's context.</param>
        /// <param name="heard">Probabilities by label that stand in for the model.</param>
        /// <param name="voice">What moves the lips better than the words can; null: the words do.</param>
        public long Say(string speaker, string text, string to = null, string conversation = "",
            IDictionary<string, double> heard = null, Voice voice = null)
        {
            var utterance = new Utterance
            {
                Speaker = speaker,
                Text = text,
                Id = utterances + 1,
                To = to,
                Conversation = conversation,
                Heard = heard,
                Timings = voice == null || voice.Timings == null ? null : new Dictionary<string, object>
                {
                    ["form"] = voice.TimingsForm,
                    ["data"] = voice.Timings,
                },
                Lasts = voice == null ? 0 : voice.Lasts,
            };
            return session.Queue.Put(utterance) ? ++utterances : 0;
        }

        /// <summary>A piece of what a character says aloud: 16-bit little-endian mono sound, two seconds at most. Pieces of
        /// one utterance have one number; Perceived answers, partially about every second, then to the last piece.</summary>
        public bool Speak(string speaker, byte[] pcm, int rate, long number, bool last, string to = null,
            bool transcript = false)
        {
            return session.Queue.Put(
                new VoicePiece { Speaker = speaker, Pcm = pcm, Rate = rate, Id = number, Last = last, To = to,
                    Transcript = transcript });
        }

        /// <summary>A frame of a captured face, to be understood: ARKit weights by name. Tell the resting face once, as
        /// neutral.</summary>
        public void ShowFace(string character, IDictionary<string, double> weights, bool neutral = false,
            bool speaking = false)
        {
            session.Queue.Put(
                new FaceFrame { Character = character, Weights = weights, Neutral = neutral, Speaking = speaking });
        }

        /// <summary>An event that the scene declares happens. False when too much waits.</summary>
        /// <param name="at">Three metres; null: everybody notices.</param>
        public bool Happen(string name, string cause = null, string target = null, double[] at = null,
            double strength = 1)
        {
            return session.Queue.Put(
                new Event { Name = name, Cause = cause, Target = target, At = at, Strength = strength });
        }

        /// <summary>A character or object stands there, in metres.</summary>
        public void Move(string id, double x, double y, double z)
        {
            session.Queue.Put(new Move { Id = id, At = new[] { x, y, z } });
        }

        /// <summary>A performer's ARKit weights by name drive a character's face; half a second without another call ends
        /// that.</summary>
        public void Capture(string character, IDictionary<string, double> weights)
        {
            session.Queue.Put(new Capture { Character = character, Weights = weights });
        }

        /// <summary>The face of another character drives this one until the next capture; null: nobody does.</summary>
        public void Capture(string character, string like)
        {
            session.Queue.Put(new Capture { Character = character, Like = like });
        }

        /// <summary>Where many characters are: rows of the roster, strictly ascending, and three metres for each.</summary>
        public void Positions(int[] rows, float[] xyz)
        {
            if (Roster == null || rows.Length == 0)
            {
                return;
            }
            var index = new byte[rows.Length * sizeof(uint)];
            var metres = new byte[xyz.Length * sizeof(float)];
            Buffer.BlockCopy(rows, 0, index, 0, index.Length);
            Buffer.BlockCopy(xyz, 0, metres, 0, metres.Length);
            session.Queue.Put(new Positions { Epoch = Roster.Epoch, Index = index, Xyz = metres });
        }

        /// <summary>A variable, such as campfire.heat or world.brawl, has a value.</summary>
        public void Set(string variable, double value)
        {
            session.Queue.Put(new Variable { Name = variable, Value = value });
        }

        /// <summary>A variable, such as campfire.lit or world.night, is true or false.</summary>
        public void Set(string variable, bool value)
        {
            session.Queue.Put(new Variable { Name = variable, Value = value });
        }

        /// <summary>A character sees an object, or does not any more: for effects of objects that are in_sight.</summary>
        public void SetSight(string character, string thing, bool sees)
        {
            session.Queue.Put(new Sight { Character = character, Thing = thing, Sees = sees });
        }

        /// <summary>An action was played to its end. False when too much waits.</summary>
        public bool Succeed(long action)
        {
            return session.Queue.Put(new ActionResult { Action = action, Ok = true });
        }

        /// <summary>An action could not be played. False when too much waits.</summary>
        public bool Fail(long action, string detail = "")
        {
            return session.Queue.Put(new ActionResult { Action = action, Ok = false, Detail = detail });
        }

        /// <summary>Ask the sidecar; <paramref name="answer"/> is called in a later Poll, with code `timeout` at worst.</summary>
        /// <param name="op">One of <see cref="Operations"/>.</param>
        public void Request(string op, IDictionary<string, object> args, Action<Reply> answer)
        {
            if (Running)
            {
                requests.Ask(op, args, answer, clock());
            }
        }

        /// <summary>Why a character feels and does what it does.</summary>
        public void Why(string character, Action<Reply> answer)
        {
            Request(Operations.Why, new Dictionary<string, object> { ["character"] = character }, answer);
        }

        /// <summary>Have the sidecar do ticks, in lock-step or while paused, after what was told so far.</summary>
        public void Step(int ticks, Action<Reply> answer)
        {
            Flush();
            var after = new Dictionary<string, object> { [options.Name] = session.Outbox.Last };
            Request(Operations.Step, new Dictionary<string, object> { ["n"] = ticks, ["after"] = after }, answer);
        }

        private ClientStatus FindStatus()
        {
            if (!Running)
            {
                return new ClientStatus(ClientState.Off);
            }
            if (session.State == SessionState.Refused)
            {
                return new ClientStatus(
                    ClientState.Refused, session.Reason, ClientStatus.RemedyFor(session.Refusal));
            }
            double now = clock();
            if (session.State == SessionState.Connecting || session.Snapshot == null)
            {
                bool before = session.Snapshot != null;
                string reason = failure == ZmtpFailure.None ? session.Reason : failureReason;
                return new ClientStatus(
                    before ? ClientState.Lost : ClientState.Connecting, reason, ClientStatus.RemedyFor(failure));
            }
            if (now - heard > SilentSeconds)
            {
                return new ClientStatus(ClientState.Lost, "nothing was heard for a while");
            }
            if (Latest != null && Latest.Paused)
            {
                return new ClientStatus(ClientState.Paused, "the sidecar's clock stands");
            }
            if (!options.LockStep && now - frames.Heard > StaleSeconds)
            {
                ZmtpFailure why = stream.Failure(out string words);
                return new ClientStatus(
                    ClientState.Stale, why == ZmtpFailure.None ? "no tick comes" : words, ClientStatus.RemedyFor(why));
            }
            return new ClientStatus(ClientState.Live);
        }
    }
}
