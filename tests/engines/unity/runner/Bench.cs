// Owns the cost of a frame of many characters: microseconds and bytes of garbage a frame, from bytes to arrays.
using System;
using System.Diagnostics;
using System.Linq;

namespace EmotionRuntime.Runner
{
    internal static class Bench
    {
        private const int Rounds = 100;

        /// <summary>Prints, for each number of characters, the frame's bytes, the best and the median of 100 decodes.</summary>
        public static int Run()
        {
            foreach (int rows in new[] { 5, 100, 1000, 10000 })
            {
                Report(rows, 0);
                if (rows <= 1000)
                {
                    Report(rows, 52);
                }
            }
            return 0;
        }

        private static void Report(int rows, int shapes)
        {
            const int labels = 7;
            Snapshot snapshot = World(rows, labels, shapes);
            var frames = new Frames();
            frames.Begin(snapshot);
            var codec = new Codec();
            var slot = new LatestFrame();
            var times = new double[Rounds];
            byte[][] wire = Enumerable.Range(2, Rounds + 50).Select(t => Frame(t, rows, labels, shapes)).ToArray();
            byte[] frame;
            int length;
            for (int i = 0; i < 50; i++)
            {
                slot.Arrived(1, wire[i], 0, wire[i].Length);
                slot.Take(out frame, out length);
                frames.Take(codec, frame, length, 0);
            }
            long before = GC.GetTotalMemory(true);
            int collections = GC.CollectionCount(0);
            for (int i = 0; i < Rounds; i++)
            {
                byte[] sent = wire[i + 50];
                slot.Arrived(1, sent, 0, sent.Length);
                long start = Stopwatch.GetTimestamp();
                slot.Take(out frame, out length);
                bool news = frames.Take(codec, frame, length, 0);
                times[i] = (Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency;
                Harness.That(news, "a frame was not taken");
            }
            double garbage = (GC.GetTotalMemory(false) - before) / (double)Rounds;
            Array.Sort(times);
            Console.WriteLine(string.Format(
                System.Globalization.CultureInfo.InvariantCulture,
                "characters {0} shapes {1} bytes {2} best_us {3:F1} median_us {4:F1} garbage {5:F0} collections {6}",
                rows, shapes, wire[0].Length, times[0], times[Rounds / 2], garbage,
                GC.CollectionCount(0) - collections));
        }

        private static byte[] Frame(int tick, int rows, int labels, int shapes)
        {
            var writer = new MsgPackWriter();
            byte[] message = Tick(tick, rows, labels, shapes).Message();
            writer.Text("tick");
            byte[] topic = writer.ToArray().Skip(1).ToArray();
            return topic.Concat(message).ToArray();
        }

        private static MapWriter Tick(int tick, int rows, int labels, int shapes)
        {
            var map = new MapWriter("type", "tick");
            map.Integer("session", 7);
            map.Integer("tick", tick);
            map.Number("time", tick / 60.0);
            map.Integer("epoch", 1);
            map.Integer("n", rows);
            map.Value("emotion", Floats(rows * labels, 0.01f + tick % 97 / 100f));
            map.Value("mood", Floats(rows * 3, -0.25f));
            map.Value("action", new byte[2 * rows]);
            map.Value("digest", new byte[16]);
            map.Value("face", Floats(rows * shapes, 0.5f));
            map.Number("sent", tick);
            return map;
        }

        private static Snapshot World(int rows, int labels, int shapes)
        {
            var state = new TickMessage();
            state.Read(Tick(1, rows, labels, shapes).Message(), 0);
            return new Snapshot
            {
                Session = 7,
                State = state,
                Roster = new Roster
                {
                    Epoch = 1,
                    Characters = Enumerable.Range(0, rows).Select(i => "c" + i).ToArray(),
                    Labels = Enumerable.Range(0, labels).Select(i => "l" + i).ToArray(),
                    Actions = new[] { "" },
                    Shapes = Enumerable.Range(0, shapes).Select(i => "s" + i).ToArray(),
                },
            };
        }

        private static byte[] Floats(int count, float value)
        {
            var bytes = new byte[4 * count];
            Buffer.BlockCopy(Enumerable.Repeat(value, count).ToArray(), 0, bytes, 0, bytes.Length);
            return bytes;
        }
    }
}
