// Owns the counting of checks: a named check passes or says why not; the last line tells how many.
using System;
using System.Collections.Generic;

namespace EmotionRuntime.Runner
{
    internal sealed class CheckFailed : Exception
    {
        public CheckFailed(string message)
            : base(message)
        {
        }
    }

    internal static class Harness
    {
        private static readonly List<string> Failures = new List<string>();
        private static int passed;

        public static void Run(string name, Action check)
        {
            try
            {
                check();
                passed++;
            }
            catch (Exception error)
            {
                Failures.Add(name);
                string what = error is CheckFailed ? error.Message : error.ToString();
                Console.WriteLine("FAIL " + name + ": " + what);
            }
        }

        public static void That(bool good, string message)
        {
            if (!good)
            {
                throw new CheckFailed(message);
            }
        }

        public static void Equal(object wanted, object found, string what)
        {
            That(Equals(wanted, found), what + ": wanted " + wanted + ", found " + found);
        }

        /// <summary>Exit code.</summary>
        public static int Finish()
        {
            Console.WriteLine(passed + " passed, " + Failures.Count + " failed");
            return Failures.Count == 0 ? 0 : 1;
        }
    }
}
