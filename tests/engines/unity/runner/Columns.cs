// Owns the reading of the groups of columns.json: single columns, ticks, stream frames and positions.
using System;
using System.Collections.Generic;
using System.Linq;

namespace EmotionRuntime.Runner
{
    using Tree = Dictionary<string, object>;

    internal static class Columns
    {
        /// <summary>What the test's `decoded` looks like.</summary>
        public static object Read(Codec codec, Tree group, Tree test, byte[] frame)
        {
            switch ((string)group["type"])
            {
                case "tick":
                    return Tick(codec, (Tree)group["roster"], frame);
                case "stream":
                    var streamed = new TickMessage();
                    codec.DecodeStream(frame, frame.Length, streamed);
                    return Describe.Message(streamed);
                case "positions":
                    return Positions(group, frame);
                case "faces":
                    return Faces(codec, group, frame);
                case "faces stream":
                    SidecarClient.CheckFaces(codec, frame, frame.Length);
                    return new MsgPackReader(frame, 12).Value();
                default:
                    return Single(group, test, frame);
            }
        }

        private static Tree Faces(Codec codec, Tree group, byte[] frame)
        {
            var writer = new MsgPackWriter();
            writer.Value(group["roster"]);
            var rows = (Roster)codec.Decode(writer.ToArray());
            codec.Check(frame, 0, frame.Length, Protocol.MaxStateBytes, new[] { Shapes.Faces });
            string[] columns = ((List<object>)group["columns"]).Cast<string>().ToArray();
            var block = new FaceBlock(frame, 0, rows, columns);
            var row = new float[0];
            foreach (int each in block.Rows)
            {
                Harness.That(block.CopyRow(each, ref row) && row.Length == columns.Length, "row " + each);
            }
            Harness.That(block.Rows.Contains(1) == block.CopyRow(1, ref row), "row 1");
            return new Tree
            {
                ["rows"] = block.Rows.Select(each => (object)(long)each).ToList(),
                ["weights"] = Rows(block.Weights, columns.Length),
            };
        }

        private static Tree Tick(Codec codec, Tree roster, byte[] frame)
        {
            var writer = new MsgPackWriter();
            writer.Value(roster);
            var rows = (Roster)codec.Decode(writer.ToArray());
            var view = new TickFrame();
            view.Take((TickMessage)codec.Decode(frame), rows);
            return new Tree
            {
                ["emotion"] = Rows(view.Emotion, view.Labels),
                ["mood"] = Rows(view.Mood, 3),
                ["action"] = view.Action.Select(entry => (object)(long)entry).ToList(),
                ["face"] = view.Shapes == 0 ? null : Rows(view.Face, view.Shapes),
            };
        }

        private static object Single(Tree group, Tree test, byte[] frame)
        {
            int rows = Convert.ToInt32(test["rows"]);
            string type = (string)group["type"];
            int columns = type == "f32" ? Convert.ToInt32(test["columns"]) : 1;
            int size = type == "u16" ? 2 : 4;
            if (frame.Length != rows * columns * size)
            {
                throw new ProtocolException(Codes.BadColumn, "its length");
            }
            if (type == "f32")
            {
                var values = new float[rows * columns];
                Buffer.BlockCopy(frame, 0, values, 0, frame.Length);
                return Rows(values, columns);
            }
            return Enumerable.Range(0, rows).Select(i => size == 2
                ? (object)(long)BitConverter.ToUInt16(frame, 2 * i)
                : (long)BitConverter.ToUInt32(frame, 4 * i)).ToList();
        }

        /// <summary>A client only writes positions: what is valid must come out of its own writer.</summary>
        private static object Positions(Tree group, byte[] frame)
        {
            var tree = (Tree)new MsgPackReader(frame, 0).Value();
            var index = (byte[])tree["index"];
            var xyz = (byte[])tree["xyz"];
            if ((long)tree["epoch"] != (long)group["epoch"])
            {
                throw new ProtocolException(Codes.StaleEpoch, "the epoch", "$.epoch");
            }
            int count = index.Length / 4;
            if (index.Length % 4 != 0 || xyz.Length != 12 * count)
            {
                throw new ProtocolException(Codes.BadColumn, "a length", index.Length % 4 != 0 ? "$.index" : "$.xyz");
            }
            var rows = new uint[count];
            var metres = new float[3 * count];
            Buffer.BlockCopy(index, 0, rows, 0, index.Length);
            Buffer.BlockCopy(xyz, 0, metres, 0, xyz.Length);
            for (int i = 0; i < count; i++)
            {
                if (rows[i] >= (long)group["rows"] || (i > 0 && rows[i] <= rows[i - 1]))
                {
                    throw new ProtocolException(Codes.BadValue, "a row", "$.index[" + i + "]");
                }
            }
            for (int i = 0; i < metres.Length; i++)
            {
                if (float.IsNaN(metres[i]) || float.IsInfinity(metres[i]))
                {
                    throw new ProtocolException(Codes.BadValue, "a metre", "$.xyz[" + i / 3 + "][" + i % 3 + "]");
                }
            }
            var written = new Positions { Epoch = (long)tree["epoch"], Index = index, Xyz = xyz };
            var writer = new MsgPackWriter();
            written.Write().CopyTo(writer);
            Harness.That(writer.ToArray().SequenceEqual(frame), "positions are written otherwise");
            return new Tree
            {
                ["index"] = rows.Select(row => (object)(long)row).ToList(),
                ["xyz"] = Rows(metres, 3),
            };
        }

        private static List<object> Rows(float[] values, int columns)
        {
            var rows = new List<object>();
            for (int i = 0; columns > 0 && i < values.Length; i += columns)
            {
                rows.Add(values.Skip(i).Take(columns).Select(value => (object)(double)value).ToList());
            }
            return rows;
        }
    }
}
