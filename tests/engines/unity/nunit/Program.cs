// Owns the running of the package's NUnit tests where there is no NUnit: every method with [Test].
using System;
using System.Linq;
using System.Reflection;
using NUnit.Framework;

internal static class Program
{
    public static int Main()
    {
        int passed = 0;
        int failed = 0;
        foreach (Type type in typeof(EmotionRuntime.Tests.CoreTests).Assembly.GetTypes())
        {
            foreach (MethodInfo test in type.GetMethods().Where(m => m.IsDefined(typeof(TestAttribute), false)))
            {
                try
                {
                    test.Invoke(Activator.CreateInstance(type), null);
                    passed++;
                }
                catch (TargetInvocationException error)
                {
                    failed++;
                    Console.WriteLine("FAIL " + test.Name + ": " + error.InnerException);
                }
            }
        }
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return 0;
    }
}
