// Owns the choice of what to run: the vectors, the bench, or a game against endpoints.
using System;
using System.Linq;

namespace EmotionRuntime.Runner
{
    internal static class Program
    {
        public static int Main(string[] arguments)
        {
            string[] rest = arguments.Skip(1).ToArray();
            switch (arguments[0])
            {
                case "vectors":
                    Vectors.RunAll(rest[0]);
                    Sessions.RunAll(rest[0]);
                    return Harness.Finish();
                case "bench":
                    return Bench.Run();
                case "play":
                    return new Play(rest).Run();
                case "cycles":
                    return Cycles.Run(rest.Take(3).ToArray(), int.Parse(rest[3]), rest.Length == 4);
                default:
                    Console.Error.WriteLine("unknown: " + arguments[0]);
                    return 2;
            }
        }
    }
}
