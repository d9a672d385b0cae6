// Owns the way back: a message object as the tree it was read from, so that nothing may be lost in reading.
using System.Collections.Generic;
using System.Linq;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Describe
    {
        public static Tree Message(Message message)
        {
            var tree = new Tree { ["v"] = 1L, ["seq"] = message.Seq };
            foreach (KeyValuePair<string, object> pair in Fields(message))
            {
                tree[pair.Key] = pair.Value;
            }
            return tree;
        }

        private static Tree Fields(Message message)
        {
            if (message is Snapshot)
            {
                return Of((Snapshot)message);
            }
            if (message is Roster)
            {
                return Of((Roster)message);
            }
            if (message is TickMessage)
            {
                return Of((TickMessage)message);
            }
            if (message is Command)
            {
                var command = (Command)message;
                var commands = command.Commands.Select(Of).ToList<object>();
                return new Tree { ["type"] = "command", ["tick"] = command.Tick, ["commands"] = commands };
            }
            if (message is Perception)
            {
                return Of((Perception)message);
            }
            if (message is Welcome)
            {
                return Of((Welcome)message);
            }
            return Small(message);
        }

        private static Tree Small(Message message)
        {
            if (message is Ack)
            {
                return new Tree { ["type"] = "ack", ["credit"] = ((Ack)message).Credit };
            }
            if (message is Bye)
            {
                return new Tree { ["type"] = "bye", ["reason"] = ((Bye)message).Reason };
            }
            var refused = message as Refused;
            if (refused != null)
            {
                return new Tree
                {
                    ["type"] = "refused",
                    ["code"] = refused.Code,
                    ["message"] = refused.Text,
                    ["remedy"] = refused.Remedy,
                };
            }
            var notice = message as Notice;
            if (notice != null)
            {
                return new Tree
                {
                    ["type"] = "notice",
                    ["code"] = notice.Code,
                    ["message"] = notice.Text,
                    ["batch"] = notice.Batch,
                    ["item"] = notice.Item,
                };
            }
            return Told(message);
        }

        private static Tree Told(Message message)
        {
            var changes = message as VariableChanges;
            if (changes != null)
            {
                var values = changes.Values.ToDictionary(pair => pair.Key, pair => (object)pair.Value);
                return new Tree { ["type"] = "variables", ["tick"] = changes.Tick, ["values"] = values };
            }
            var owned = message as Ownership;
            if (owned != null)
            {
                return new Tree { ["type"] = "owned", ["tick"] = owned.Tick, ["owns"] = owned.Owns };
            }
            var part = message as Part;
            if (part != null)
            {
                return new Tree
                {
                    ["type"] = "part",
                    ["index"] = part.Index,
                    ["count"] = part.Count,
                    ["data"] = part.Data,
                };
            }
            return Of((Reply)message);
        }

        private static Tree Of(Reply reply)
        {
            var tree = new Tree
            {
                ["type"] = "reply",
                ["id"] = reply.Id,
                ["tick"] = reply.Tick,
                ["result"] = reply.Result,
            };
            if (!reply.Ok)
            {
                tree["error"] = new Tree
                {
                    ["code"] = reply.ErrorCode,
                    ["message"] = reply.ErrorMessage,
                    ["where"] = reply.ErrorWhere,
                    ["remedy"] = reply.ErrorRemedy,
                };
            }
            return tree;
        }

        private static Tree Of(Welcome welcome)
        {
            return new Tree
            {
                ["type"] = "welcome",
                ["session"] = welcome.Session,
                ["package"] = welcome.Package,
                ["capabilities"] = welcome.Capabilities,
                ["schema"] = welcome.Schema,
                ["credit"] = welcome.Credit,
                ["observed"] = welcome.Observed,
                ["owns"] = welcome.Owns,
                ["resumed"] = welcome.Resumed,
                ["stream"] = welcome.Stream,
                ["control"] = welcome.Control,
            };
        }

        private static Tree Of(Perception heard)
        {
            return new Tree
            {
                ["type"] = "perception",
                ["tick"] = heard.Tick,
                ["utterance"] = heard.Utterance,
                ["character"] = heard.Character,
                ["labels"] = heard.Labels,
                ["probabilities"] = heard.Probabilities,
                ["label"] = heard.Label,
                ["latency"] = heard.Latency,
                ["failed"] = heard.Failed,
                ["modality"] = heard.Modality == "text" ? "" : heard.Modality,
                ["partial"] = heard.Partial,
                ["confidence"] = heard.Confidence,
                ["age"] = heard.Age,
            };
        }

        private static Tree Of(Roster roster)
        {
            return new Tree
            {
                ["type"] = "roster",
                ["epoch"] = roster.Epoch,
                ["scene"] = roster.Scene,
                ["characters"] = roster.Characters,
                ["labels"] = roster.Labels,
                ["actions"] = roster.Actions,
                ["objects"] = roster.Objects,
                ["shapes"] = roster.Shapes,
                ["rate"] = roster.Rate,
                ["seq"] = roster.Seq,
                ["v"] = 1L,
            };
        }

        private static Tree Of(Snapshot snapshot)
        {
            Tree state = Of(snapshot.State);
            state["v"] = 1L;
            state["seq"] = snapshot.State.Seq;
            return new Tree
            {
                ["type"] = "snapshot",
                ["session"] = snapshot.Session,
                ["roster"] = Of(snapshot.Roster),
                ["state"] = state,
                ["running"] = snapshot.Running.Select(Running).ToList<object>(),
                ["variables"] = snapshot.Variables.ToDictionary(pair => pair.Key, pair => (object)pair.Value),
            };
        }

        private static Tree Of(TickMessage tick)
        {
            return new Tree
            {
                ["type"] = "tick",
                ["session"] = tick.Session,
                ["tick"] = tick.Tick,
                ["time"] = tick.Time,
                ["epoch"] = tick.Epoch,
                ["n"] = tick.Rows,
                ["emotion"] = tick.Emotion.ToArray(),
                ["mood"] = tick.Mood.ToArray(),
                ["action"] = tick.Action.ToArray(),
                ["digest"] = tick.Digest.ToArray(),
                ["face"] = tick.Face.ToArray(),
                ["paused"] = tick.Paused,
                ["sent"] = tick.Sent,
            };
        }

        private static Tree Of(ActionCommand command)
        {
            var start = command as ActionStart;
            Tree tree = start == null ? new Tree() : Running(start);
            tree["kind"] = start == null ? "stop" : "start";
            tree["action"] = command.Action;
            tree["character"] = command.Character;
            tree["rule"] = command.Rule;
            if (start != null)
            {
                tree["why"] = start.Why;
            }
            else
            {
                tree["reason"] = ((ActionStop)command).Reason;
            }
            return tree;
        }

        private static Tree Running(ActionStart action)
        {
            return new Tree
            {
                ["action"] = action.Action,
                ["character"] = action.Character,
                ["rule"] = action.Rule,
                ["bearers"] = action.Bearers,
                ["lasts"] = action.Lasts,
                ["elapsed"] = action.Elapsed,
                ["payload"] = action.Payload,
            };
        }
    }
}
