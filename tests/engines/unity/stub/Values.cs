// Owns a stand-in for UnityEngine's values, clocks, drawing and attributes.
using System;

namespace UnityEngine
{
    public struct Vector3
    {
        public float x;
        public float y;
        public float z;

        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }

        public float sqrMagnitude
        {
            get { return x * x + y * y + z * z; }
        }

        public float magnitude
        {
            get { return (float)Math.Sqrt(sqrMagnitude); }
        }

        public static Vector3 operator +(Vector3 a, Vector3 b)
        {
            return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z);
        }

        public static Vector3 operator -(Vector3 a, Vector3 b)
        {
            return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z);
        }

        public static Vector3 operator *(Vector3 a, float by)
        {
            return new Vector3(a.x * by, a.y * by, a.z * by);
        }
    }

    public struct Color
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b, float a = 1f)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public static Color white
        {
            get { return new Color(1f, 1f, 1f); }
        }

        public static Color grey
        {
            get { return new Color(0.5f, 0.5f, 0.5f); }
        }

        public static Color Lerp(Color a, Color b, float t)
        {
            return new Color(a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t);
        }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
        }
    }

    public static class Mathf
    {
        public static float Max(float a, float b)
        {
            return Math.Max(a, b);
        }

        public static float Abs(float value)
        {
            return Math.Abs(value);
        }

        public static float Sin(float value)
        {
            return (float)Math.Sin(value);
        }

        public static float Clamp(float value, float least, float most)
        {
            return Math.Max(least, Math.Min(most, value));
        }

        public static float Clamp01(float value)
        {
            return Clamp(value, 0f, 1f);
        }
    }

    public static class Time
    {
        public static float time { get; set; }

        public static float deltaTime { get; set; }

        public static float unscaledTime { get; set; }
    }

    public static class Screen
    {
        public static int width
        {
            get { return 640; }
        }

        public static int height
        {
            get { return 480; }
        }
    }

    public static class Debug
    {
        public static void LogWarning(object message, Object context)
        {
            Console.WriteLine("warning " + message);
        }

        public static void LogException(Exception error, Object context)
        {
            Console.WriteLine("exception " + error);
        }
    }

    public sealed class Texture2D : Object
    {
        public static Texture2D whiteTexture { get; } = new Texture2D();
    }

    public static class GUI
    {
        public static Color color { get; set; }

        public static void Label(Rect position, string text)
        {
        }

        public static void DrawTexture(Rect position, Texture2D image)
        {
        }

        public static bool Button(Rect position, string text)
        {
            return false;
        }
    }

    public static class GUILayout
    {
        public static bool Button(string text)
        {
            return false;
        }
    }

    public static class Gizmos
    {
        public static Color color { get; set; }

        public static void DrawWireSphere(Vector3 center, float radius)
        {
        }
    }

    public enum RuntimeInitializeLoadType
    {
        SubsystemRegistration,
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute
    {
        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType type)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class HeaderAttribute : Attribute
    {
        public HeaderAttribute(string text)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string text)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class RangeAttribute : Attribute
    {
        public RangeAttribute(float least, float most)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TextAreaAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string name)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type type)
        {
        }
    }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction<T>(T value);

    public delegate void UnityAction<T1, T2>(T1 first, T2 second);

    public class UnityEvent<T>
    {
        private event UnityAction<T> Calls;

        public void AddListener(UnityAction<T> call)
        {
            Calls += call;
        }

        public void Invoke(T value)
        {
            Calls?.Invoke(value);
        }
    }

    public class UnityEvent<T1, T2>
    {
        private event UnityAction<T1, T2> Calls;

        public void AddListener(UnityAction<T1, T2> call)
        {
            Calls += call;
        }

        public void Invoke(T1 first, T2 second)
        {
            Calls?.Invoke(first, second);
        }
    }
}
