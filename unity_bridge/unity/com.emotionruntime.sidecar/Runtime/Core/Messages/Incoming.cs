// Owns the reading of what the sidecar sends: checked bytes to message objects, one method for each type.
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal static class Incoming
    {
        private static readonly int PartData = Shapes.Part.IndexOf("data");

        /// <summary>The message of this shape at a place of a frame that was checked against it.</summary>
        public static Message Read(Shape shape, byte[] data, int position)
        {
            if (shape == Shapes.Tick)
            {
                var tick = new TickMessage();
                tick.Read(data, position);
                return tick;
            }
            var fields = new Fields(shape, data, position);
            Message message = Read(shape, fields);
            message.Seq = shape == Shapes.Welcome || shape == Shapes.Refused || shape == Shapes.Bye
                || shape == Shapes.Snapshot || shape == Shapes.Part || shape == Shapes.Reply ? 0 : fields.Integer("seq");
            return message;
        }

        private static Message Read(Shape shape, Fields fields)
        {
            if (shape == Shapes.Ack)
            {
                return new Ack { Credit = fields.Integer("credit") };
            }
            if (shape == Shapes.Command)
            {
                return new Command { Tick = fields.Integer("tick"), Commands = Commands(fields) };
            }
            if (shape == Shapes.Perception)
            {
                return ReadPerception(fields);
            }
            if (shape == Shapes.Notice)
            {
                return new Notice
                {
                    Code = fields.Text("code"),
                    Text = fields.Text("message"),
                    Batch = fields.Integer("batch"),
                    Item = fields.Integer("item"),
                };
            }
            if (shape == Shapes.Variables)
            {
                return new VariableChanges { Tick = fields.Integer("tick"), Values = Doubles(fields, "values") };
            }
            if (shape == Shapes.Owned)
            {
                return new Ownership { Tick = fields.Integer("tick"), Owns = fields.Texts("owns") };
            }
            if (shape == Shapes.Part)
            {
                return new Part
                {
                    Index = fields.Integer("index"),
                    Count = fields.Integer("count"),
                    Data = fields.Blob(PartData).ToArray(),
                };
            }
            if (shape == Shapes.Welcome)
            {
                return ReadWelcome(fields);
            }
            if (shape == Shapes.Refused)
            {
                return new Refused
                {
                    Code = fields.Text("code"),
                    Text = fields.Text("message"),
                    Remedy = fields.Text("remedy"),
                };
            }
            if (shape == Shapes.Bye)
            {
                return new Bye { Reason = fields.Text("reason") };
            }
            if (shape == Shapes.Snapshot)
            {
                return ReadSnapshot(fields);
            }
            return shape == Shapes.Roster ? (Message)ReadRoster(fields) : ReadReply(fields);
        }

        private static Welcome ReadWelcome(Fields fields)
        {
            return new Welcome
            {
                Session = fields.Integer("session"),
                Package = fields.Text("package"),
                Capabilities = fields.Texts("capabilities"),
                Schema = fields.Text("schema"),
                Credit = fields.Integer("credit"),
                Observed = fields.Integer("observed"),
                Owns = fields.Texts("owns"),
                Resumed = fields.Boolean("resumed"),
                Stream = fields.Text("stream"),
                Control = fields.Text("control"),
            };
        }

        private static Roster ReadRoster(Fields fields)
        {
            return new Roster
            {
                Epoch = fields.Integer("epoch"),
                Scene = fields.Text("scene"),
                Characters = fields.Texts("characters"),
                Labels = fields.Texts("labels"),
                Actions = fields.Texts("actions"),
                Objects = fields.Texts("objects"),
                Shapes = fields.Texts("shapes"),
                Rate = fields.Number("rate", 60),
                Seq = fields.Integer("seq"),
            };
        }

        private static Snapshot ReadSnapshot(Fields fields)
        {
            MsgPackReader roster = fields.At(Shapes.Snapshot.IndexOf("roster"));
            MsgPackReader state = fields.At(Shapes.Snapshot.IndexOf("state"));
            var tick = new TickMessage();
            tick.Read(state.Data, state.Position);
            MsgPackReader running = fields.Array("running", out int count);
            var actions = new ActionStart[count];
            for (int i = 0; i < count; i++)
            {
                var action = new Fields(Shapes.Running);
                running.Position = action.Locate(running.Data, running.Position);
                actions[i] = ReadStart(action, "");
                actions[i].Elapsed = action.Number("elapsed");
            }
            return new Snapshot
            {
                Session = fields.Integer("session"),
                Roster = ReadRoster(new Fields(Shapes.Roster, roster.Data, roster.Position)),
                State = tick,
                Running = actions,
                Variables = Doubles(fields, "variables"),
            };
        }

        private static Dictionary<string, double> Doubles(Fields fields, string name)
        {
            var values = new Dictionary<string, double>();
            foreach (KeyValuePair<string, object> pair in fields.Values(name))
            {
                values[pair.Key] = System.Convert.ToDouble(pair.Value);
            }
            return values;
        }

        private static ActionCommand[] Commands(Fields fields)
        {
            MsgPackReader reader = fields.Array("commands", out int count);
            var commands = new ActionCommand[count];
            for (int i = 0; i < count; i++)
            {
                bool starts = IsStart(reader);
                var command = new Fields(starts ? Shapes.Start : Shapes.Stop);
                reader.Position = command.Locate(reader.Data, reader.Position);
                commands[i] = starts ? (ActionCommand)ReadStart(command, command.Text("why")) : ReadStop(command);
            }
            return commands;
        }

        private static bool IsStart(MsgPackReader reader)
        {
            object kind;
            return reader.Pairs().TryGetValue("kind", out kind) && (string)kind == Shapes.Start.Tag;
        }

        private static ActionStart ReadStart(Fields fields, string why)
        {
            return new ActionStart
            {
                Action = fields.Integer("action"),
                Character = fields.Text("character"),
                Rule = fields.Text("rule"),
                Bearers = fields.Texts("bearers"),
                Lasts = fields.Number("lasts"),
                Why = why,
                Payload = fields.Values("payload"),
            };
        }

        private static ActionStop ReadStop(Fields fields)
        {
            return new ActionStop
            {
                Action = fields.Integer("action"),
                Character = fields.Text("character"),
                Rule = fields.Text("rule"),
                Reason = fields.Text("reason"),
            };
        }

        private static Perception ReadPerception(Fields fields)
        {
            return new Perception
            {
                Tick = fields.Integer("tick"),
                Utterance = fields.Integer("utterance"),
                Character = fields.Text("character"),
                Labels = fields.Texts("labels"),
                Probabilities = fields.Numbers("probabilities"),
                Label = fields.Text("label"),
                Latency = fields.Number("latency"),
                Failed = fields.Text("failed"),
                Modality = fields.Text("modality").Length == 0 ? "text" : fields.Text("modality"),
                Partial = fields.Boolean("partial"),
                Confidence = fields.Number("confidence"),
                Age = fields.Number("age"),
            };
        }

        private static Reply ReadReply(Fields fields)
        {
            var reply = new Reply
            {
                Id = fields.Integer("id"),
                Tick = fields.Integer("tick"),
                Result = fields.Values("result"),
            };
            int error = Shapes.Reply.IndexOf("error");
            if (fields.Has(error))
            {
                MsgPackReader place = fields.At(error);
                var fault = new Fields(Shapes.Fault, place.Data, place.Position);
                reply.ErrorCode = fault.Text("code");
                reply.ErrorMessage = fault.Text("message");
                reply.ErrorWhere = fault.Text("where");
                reply.ErrorRemedy = fault.Text("remedy");
            }
            return reply;
        }
    }
}
