// Owns the counting of what play mode could leave behind: threads and sockets over many starts and stops.
using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace EmotionRuntime.Runner
{
    internal static class Cycles
    {
        /// <summary>Prints threads and open sockets before and after, and the longest Stop in milliseconds.</summary>
        public static int Run(string[] endpoints, int times, bool answered)
        {
            Once(endpoints, answered);
            int threads = Threads();
            int sockets = Sockets();
            double longest = 0;
            for (int i = 0; i < times; i++)
            {
                longest = Math.Max(longest, Once(endpoints, answered));
            }
            Console.WriteLine(
                "threads " + threads + " " + Threads() + " sockets " + sockets + " " + Sockets() + " stop " + (int)longest);
            return 0;
        }

        private static double Once(string[] endpoints, bool answered)
        {
            var client = new SidecarClient(new SidecarOptions { Endpoints = endpoints, Name = "cycles" });
            client.Start();
            var clock = Stopwatch.StartNew();
            while (client.Status.State != ClientState.Live && (answered || clock.ElapsedMilliseconds < 20))
            {
                client.Poll();
                Thread.Sleep(1);
                Harness.That(clock.ElapsedMilliseconds < 20000, client.Status.ToString());
            }
            clock.Restart();
            Harness.That(client.Stop(), "a thread did not end");
            return clock.Elapsed.TotalMilliseconds;
        }

        private static int Threads()
        {
            return Directory.Exists("/proc/self/task")
                ? Directory.GetDirectories("/proc/self/task").Length
                : Process.GetCurrentProcess().Threads.Count;
        }

        /// <summary>Sockets stay in /proc until they are closed; 0 where there is no such folder.</summary>
        private static int Sockets()
        {
            return Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;
        }
    }
}
