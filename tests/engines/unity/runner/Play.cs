// Owns a game without an engine: lines on standard input are what it does, lines on standard output what it sees.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace EmotionRuntime.Runner
{
    /// <summary>Polls as a game does in its frames. A test writes `say guard|Get out!|child` and reads
    /// `started 7 child flee guard`.</summary>
    internal sealed class Play
    {
        private const int FrameMs = 4;
        private readonly Queue<string> orders = new Queue<string>();
        private readonly SidecarOptions options;
        private SidecarClient client;
        private string status = "";
        private bool quiet;
        private bool quit;

        public Play(string[] arguments)
        {
            options = new SidecarOptions { Endpoints = arguments.Take(3).ToArray(), Name = "mono" };
            foreach (string[] pair in arguments.Skip(3).Select(argument => argument.Split('=')))
            {
                switch (pair[0])
                {
                    case "name":
                        options.Name = pair[1];
                        break;
                    case "token":
                        options.Token = pair[1];
                        break;
                    case "token_file":
                        options.TokenFile = pair[1];
                        break;
                    case "owns":
                        options.Owns = pair[1].Length == 0 ? new string[0] : pair[1].Split(',');
                        break;
                    case "lockstep":
                        options.LockStep = true;
                        break;
                    default:
                        throw new ArgumentException(pair[0]);
                }
            }
            client = Made();
        }

        public int Run()
        {
            new Thread(ReadOrders) { IsBackground = true }.Start();
            client.Start();
            while (!quit)
            {
                client.Poll();
                ShowStatus();
                string order;
                while (!quit && (order = NextOrder()) != null)
                {
                    Obey(order);
                }
                Thread.Sleep(FrameMs);
            }
            bool ended = client.Stop();
            Say("ended " + ended);
            return ended ? 0 : 1;
        }

        private SidecarClient Made()
        {
            var made = new SidecarClient(options);
            made.SnapshotTaken += snapshot => Say("snapshot " + snapshot.Roster.Scene + " "
                + string.Join(",", snapshot.Roster.Characters) + " running " + snapshot.Running.Length);
            made.ActionStarted += start => Say("started " + start.Action + " " + start.Character + " " + start.Rule + " "
                + string.Join(",", start.Bearers));
            made.ActionStopped += stop => Say("stopped " + stop.Action + " " + stop.Character + " " + stop.Rule + " "
                + stop.Reason);
            made.Perceived += heard => Say("perceived " + heard.Utterance + " " + heard.Character + " " + heard.Label);
            made.Noticed += notice => Say("notice " + notice.Code);
            made.FrameTaken += frame => Say(quiet ? null : "frame " + frame.Tick);
            return made;
        }

        private void ReadOrders()
        {
            string line;
            while ((line = Console.In.ReadLine()) != null)
            {
                lock (orders)
                {
                    orders.Enqueue(line);
                }
            }
            lock (orders)
            {
                orders.Enqueue("quit");
            }
        }

        private string NextOrder()
        {
            lock (orders)
            {
                return orders.Count == 0 ? null : orders.Dequeue();
            }
        }

        private static void Say(string line)
        {
            if (line != null)
            {
                Console.WriteLine(line);
                Console.Out.Flush();
            }
        }

        private void ShowStatus()
        {
            string now = client.Status.ToString();
            if (client.Status.State == ClientState.Stale)
            {
                now = "stale";
            }
            if (now != status)
            {
                status = now;
                Say("status " + now);
            }
        }

        private void Obey(string order)
        {
            int space = order.IndexOf(' ');
            string what = space < 0 ? order : order.Substring(0, space);
            string[] with = space < 0 ? new string[0] : order.Substring(space + 1).Split('|');
            switch (what)
            {
                case "say":
                    Say("said " + client.Say(with[0], with[1], with.Length > 2 ? with[2] : null));
                    break;
                case "event":
                    client.Happen(with[0], target: with.Length > 1 ? with[1] : null,
                        strength: with.Length > 2 ? Number(with[2]) : 1);
                    break;
                case "move":
                    client.Move(with[0], Number(with[1]), Number(with[2]), Number(with[3]));
                    break;
                case "positions":
                    float[] metres = with.Skip(1).Select(text => (float)Number(text)).ToArray();
                    client.Positions(with[0].Split(',').Select(int.Parse).ToArray(), metres);
                    break;
                case "set":
                    bool flag;
                    if (bool.TryParse(with[1], out flag))
                    {
                        client.Set(with[0], flag);
                    }
                    else
                    {
                        client.Set(with[0], Number(with[1]));
                    }
                    break;
                case "succeed":
                    client.Succeed(long.Parse(with[0]));
                    break;
                case "fail":
                    client.Fail(long.Parse(with[0]), "told to");
                    break;
                default:
                    Steer(what, with);
                    break;
            }
        }

        private void Steer(string what, string[] with)
        {
            switch (what)
            {
                case "why":
                    client.Why(with[0], reply => Say("why " + reply.ErrorCode + Trees.Show(reply.Result)));
                    break;
                case "step":
                    client.Step(int.Parse(with[0]), reply => Say("stepped " + reply.Tick + " " + Field(reply, "digest")));
                    break;
                case "ask":
                    client.Request(with[0], null, reply => Say("answer " + (reply.Ok ? "ok" : reply.ErrorCode)));
                    break;
                case "reconnect":
                    client.Reconnect();
                    break;
                case "restart":
                    Say("ended " + client.Stop());
                    client.Start();
                    break;
                case "show":
                    Show(with[0]);
                    break;
                case "counters":
                    Say("counters " + Trees.Show(client.Counters().ToDictionary(p => p.Key, p => (object)p.Value)));
                    break;
                case "quiet":
                    quiet = true;
                    break;
                case "freeze":
                    Thread.Sleep(int.Parse(with[0]));
                    Say("awake");
                    break;
                case "quit":
                    quit = true;
                    break;
                default:
                    Say("what is " + what);
                    break;
            }
        }

        private static object Field(Reply reply, string name)
        {
            object value;
            return reply.Result.TryGetValue(name, out value) ? value : reply.ErrorCode;
        }

        private void Show(string character)
        {
            int row = client.Roster.RowOf(character);
            TickFrame frame = client.Latest;
            IEnumerable<string> emotions = client.Roster.Labels.Select((label, column) => label + "="
                + frame.Emotion[row * frame.Labels + column].ToString("F6", CultureInfo.InvariantCulture));
            Say("shown " + frame.Tick + " " + client.Roster.Actions[frame.Action[row]] + " " + frame.Shapes + " "
                + string.Join(" ", emotions));
        }

        private static double Number(string text)
        {
            return double.Parse(text, CultureInfo.InvariantCulture);
        }
    }
}
