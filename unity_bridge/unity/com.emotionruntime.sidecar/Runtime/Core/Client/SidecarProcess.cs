// Owns the sidecar as a child process: started with a scene, found by its first line, ended by closing its stdin.
using System;
using System.Diagnostics;
using System.Threading;

namespace EmotionRuntime
{
    /// <summary>Starting returns at once; Endpoints are there when it listens. Its life hangs on our end of its stdin:
    /// when the game dies, however it dies, the sidecar ends.</summary>
    public sealed class SidecarProcess
    {
        private const int PatienceMs = 2000;
        private readonly object gate = new object();
        private Process process;
        private string[] endpoints;
        private string fault = "";
        private string complaint = "";

        /// <param name="executable">Path of emotion-runtime, or its name on PATH.</param>
        /// <param name="scene">A scene file, or the name of a bundled scene.</param>
        /// <param name="arguments">More arguments of `serve`, as on a command line.</param>
        public static SidecarProcess Start(string executable, string scene, string arguments = "")
        {
            var started = new SidecarProcess();
            started.Begin(executable, scene, arguments);
            return started;
        }

        /// <summary>Stream, link and control; null until it listens.</summary>
        public string[] Endpoints
        {
            get
            {
                lock (gate)
                {
                    return endpoints;
                }
            }
        }

        /// <summary>Why it does not run, for people; empty while it does.</summary>
        public string Fault
        {
            get
            {
                lock (gate)
                {
                    return fault;
                }
            }
        }

        /// <summary>Close its stdin; returns at once. What does not end by itself in two seconds is ended by force.</summary>
        public void Stop()
        {
            Process ending;
            lock (gate)
            {
                ending = process;
                process = null;
            }
            if (ending == null)
            {
                return;
            }
            try
            {
                ending.StandardInput.Close();
            }
            catch (Exception error) when (error is InvalidOperationException || error is System.IO.IOException)
            {
                // It has ended already.
            }
            var waiter = new Thread(() => Await(ending)) { IsBackground = true, Name = "emotion process end" };
            waiter.Start();
        }

        private void Begin(string executable, string scene, string arguments)
        {
            var info = new ProcessStartInfo
            {
                FileName = executable,
                Arguments = "serve \"" + scene.Replace("\"", "") + "\" --port 0 --json --until-stdin-closes " + arguments,
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            try
            {
                process = Process.Start(info);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception
                || error is PlatformNotSupportedException || error is NotSupportedException)
            {
                // IL2CPP players have no Process.Start: the game's launcher starts the sidecar there.
                fault = "cannot start " + executable + ": " + error.Message;
                return;
            }
            Process running = process;
            new Thread(() => ReadOutput(running)) { IsBackground = true, Name = "emotion process out" }.Start();
            new Thread(() => ReadErrors(running)) { IsBackground = true, Name = "emotion process err" }.Start();
        }

        private void ReadOutput(Process running)
        {
            try
            {
                string line;
                while ((line = running.StandardOutput.ReadLine()) != null)
                {
                    var found = new[] { Value(line, "stream"), Value(line, "link"), Value(line, "control") };
                    lock (gate)
                    {
                        if (endpoints == null && Array.IndexOf(found, "") < 0)
                        {
                            endpoints = found;
                        }
                    }
                }
            }
            catch (Exception error) when (error is ObjectDisposedException || error is System.IO.IOException)
            {
                // The process was ended by force.
            }
            lock (gate)
            {
                fault = "the sidecar ended" + (complaint.Length > 0 ? ": " + complaint : "");
            }
        }

        /// <summary>Keep the last line: a full pipe would stop the child.</summary>
        private void ReadErrors(Process running)
        {
            try
            {
                string line;
                while ((line = running.StandardError.ReadLine()) != null)
                {
                    lock (gate)
                    {
                        complaint = line.Trim().Length > 0 ? line.Trim() : complaint;
                    }
                }
            }
            catch (Exception error) when (error is ObjectDisposedException || error is System.IO.IOException)
            {
                // The process was ended by force.
            }
        }

        private static void Await(Process ending)
        {
            try
            {
                if (!ending.WaitForExit(PatienceMs))
                {
                    ending.Kill();
                    ending.WaitForExit(PatienceMs);
                }
            }
            catch (Exception error) when (error is InvalidOperationException
                || error is System.ComponentModel.Win32Exception)
            {
                // It ended in this moment.
            }
        }

        /// <summary>A text in a line of JSON, by its key; empty when it is not there.</summary>
        private static string Value(string json, string key)
        {
            string start = "\"" + key + "\": \"";
            int at = json.IndexOf(start, StringComparison.Ordinal);
            int end = at < 0 ? -1 : json.IndexOf('"', at + start.Length);
            return end < 0 ? "" : json.Substring(at + start.Length, end - at - start.Length);
        }
    }
}
