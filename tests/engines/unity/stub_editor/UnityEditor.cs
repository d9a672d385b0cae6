// Owns a stand-in for UnityEditor and NUnit: only to type-check what uses them, never run.
using System;
using UnityEngine;

namespace UnityEditor
{
    public enum PlayModeStateChange
    {
        EnteredEditMode,
        ExitingEditMode,
        EnteredPlayMode,
        ExitingPlayMode,
    }

    public enum PauseState
    {
        Paused,
        Unpaused,
    }

    public enum MessageType
    {
        None,
        Info,
        Warning,
        Error,
    }

    public static class EditorApplication
    {
#pragma warning disable 67
        public static event Action quitting;

        public static event Action<PlayModeStateChange> playModeStateChanged;

        public static event Action<PauseState> pauseStateChanged;
#pragma warning restore 67

        public static bool isPlaying
        {
            get { return false; }
        }
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

#pragma warning disable 67
        public static event AssemblyReloadCallback beforeAssemblyReload;
#pragma warning restore 67
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class InitializeOnLoadAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        public CustomEditor(Type type)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CanEditMultipleObjects : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string path, bool validates = false, int priority = 0)
        {
        }
    }

    public sealed class MenuCommand
    {
        public UnityEngine.Object context;
    }

    public class Editor
    {
        public UnityEngine.Object target { get; set; }

        public virtual void OnInspectorGUI()
        {
        }

        public virtual bool RequiresConstantRepaint()
        {
            return false;
        }

        public bool DrawDefaultInspector()
        {
            return false;
        }
    }

    public static class EditorGUILayout
    {
        public static void HelpBox(string text, MessageType type)
        {
        }

        public static void LabelField(string label, string text)
        {
        }

        public static Rect GetControlRect()
        {
            return new Rect();
        }
    }

    public static class EditorGUI
    {
        public static void ProgressBar(Rect place, float value, string text)
        {
        }
    }

    public static class GameObjectUtility
    {
        public static void SetParentAndAlign(GameObject child, GameObject parent)
        {
        }
    }

    public static class Undo
    {
        public static void RegisterCreatedObjectUndo(UnityEngine.Object made, string name)
        {
        }

        public static T AddComponent<T>(GameObject to) where T : Component, new()
        {
            return to.AddComponent<T>();
        }
    }

    public static class Selection
    {
        public static GameObject activeGameObject { get; set; }
    }
}

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute
    {
    }

    public static class Assert
    {
        public static void AreEqual(object wanted, object found)
        {
            var a = wanted as System.Collections.ICollection;
            var b = found as System.Collections.ICollection;
            bool same = a == null || b == null
                ? Equals(wanted, found)
                : System.Linq.Enumerable.SequenceEqual(
                    System.Linq.Enumerable.Cast<object>(a), System.Linq.Enumerable.Cast<object>(b));
            IsTrue(same, "wanted " + wanted + ", found " + found);
        }

        public static void AreEqual(double wanted, double found, double tolerance)
        {
            IsTrue(Math.Abs(wanted - found) <= tolerance, "wanted " + wanted + ", found " + found);
        }

        public static void IsTrue(bool good)
        {
            IsTrue(good, "not true");
        }

        public static void IsFalse(bool bad)
        {
            IsTrue(!bad, "not false");
        }

        private static void IsTrue(bool good, string message)
        {
            if (!good)
            {
                throw new Exception(message);
            }
        }
    }
}
